"""Step 3: everything that is joined by user, one bucket of users at a time."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from components.ingestion.compute.attribution import Attribution, attribute
from components.ingestion.compute.buckets import encode, split_by
from components.ingestion.compute.coverage import FATES, Coverage
from components.ingestion.compute.history import user_history
from components.ingestion.compute.show_days import show_changes
from components.ingestion.compute.snapshots import gather, latest
from components.ingestion.steps.days import LABEL_PREFIX
from components.ingestion.steps.duplicates import without
from files.storage import read_batch, read_batches, write_batches
from logs.columns import KindCount
from logs.times import DAY_US, day_number
from transforms.domain import Domain


@dataclass(frozen=True)
class JoinUsers:
    """A work item: one bucket of users.

    Attributes:
        bucket: which batch of the files to read.
        rows: the bucketed files of impressions, interactions and users, in the chunks' order.
        duplicates: files of later duplicates of impressions and interactions.
        genres: the file of `components.ingestion.steps.shows.write_genres`.
        user_columns: the full names of the columns of users that features need.
        counts: the counts of interactions by kind that features need.
        impression_days: days of the impressions' partitions, in order.
        coverage: the days of interactions.
        domain: the labels and kinds.
        scratch: where to write.
    """

    bucket: int
    rows: dict[str, tuple[str, ...]]
    duplicates: dict[str, tuple[str, ...]]
    genres: str
    user_columns: tuple[str, ...]
    counts: tuple[KindCount, ...]
    impression_days: tuple[date, ...]
    coverage: Coverage
    domain: Domain
    scratch: str


@dataclass(frozen=True)
class JoinedUsers:
    """A bucket of users, joined.

    Attributes:
        outcomes: interactions by outcome.
        immature: impressions by day.
        unobserved: impressions by day.
        duplicate_users: duplicate rows of users.
        labelled: file of labels, history and profiles, with one batch per impression day.
        changes: file of changes of the shows' measures, with one batch per impression day.
    """

    outcomes: dict[str, int]
    immature: dict[date, int]
    unobserved: dict[date, int]
    duplicate_users: int
    labelled: str
    changes: str


def join_users(item: JoinUsers) -> JoinedUsers:
    """Attributes, looks up history and snapshots, and adds up the shows' days."""
    tables = {table: read_batches(paths, item.bucket) for table, paths in item.rows.items()}
    impressions, interactions = (
        without(tables[table], item.duplicates[table], item.bucket) for table in ("impressions", "interactions")
    )
    users = tables["users"].unique(["user_id", "day"], keep="first", maintain_order=True)
    genres = read_batch(item.genres)
    (user, acting, profiled), _ = encode(impressions["user_id"], interactions["user_id"], users["user_id"])
    (show, acted, genre_show), names = encode(impressions["show_id"], interactions["show_id"], genres["show_id"])
    shown_pair, acted_pair = _pairs((user, show), (acting, acted), len(names))
    impressions = impressions.with_columns(user=pl.Series(user), pair=pl.Series(shown_pair))
    interactions = interactions.with_columns(user=pl.Series(acting), show=pl.Series(acted), pair=pl.Series(acted_pair))

    attribution = attribute(impressions, interactions, item.domain)
    changes = show_changes(interactions, item.domain)
    changes_file = f"{item.scratch}/users/{item.bucket:06d}-changes.arrow"
    _write_changes(changes_file, changes.with_columns(show_id=names.gather(changes["show"])), item.impression_days)

    day = impressions["timestamp"].to_numpy() // DAY_US
    genre_day = genres["day"].to_numpy()
    candidates = latest(genre_show, genre_day, show, day)
    streamed = latest(genre_show, genre_day, acted, interactions["timestamp"].to_numpy() // DAY_US)
    relevant = np.isin(acting, user)
    history = user_history(
        impressions.with_columns(genres_at=pl.Series(candidates)),
        interactions.with_columns(genres_at=pl.Series(streamed)).filter(pl.Series(relevant)),
        genres.select("genres"),
        item.domain,
        item.counts,
    )
    profile = latest(profiled, users["day"].to_numpy(), user, day)
    profiles = gather(users.select(item.user_columns), profile)

    fates = item.coverage.fates(impressions["timestamp"].to_numpy(), item.domain.longest_window_us)
    is_labelled = fates == FATES.index("labelled")
    rows = pl.concat(
        [impressions.select("chunk", "row"), _labels(attribution), history, profiles], how="horizontal"
    ).filter(pl.Series(is_labelled))
    labelled_file = f"{item.scratch}/users/{item.bucket:06d}-labelled.arrow"
    days = np.array([day_number(impression_day) for impression_day in item.impression_days])
    at_day = np.searchsorted(days, day)
    write_batches(labelled_file, split_by(rows, at_day[is_labelled], len(days)))

    def counted(fate: str) -> dict[date, int]:
        present, counts = np.unique(at_day[fates == FATES.index(fate)], return_counts=True)
        return {item.impression_days[at]: count for at, count in zip(present.tolist(), counts.tolist(), strict=True)}

    return JoinedUsers(
        outcomes=attribution.counts,
        immature=counted("immature"),
        unobserved=counted("unobserved"),
        duplicate_users=len(tables["users"]) - len(users),
        labelled=labelled_file,
        changes=changes_file,
    )


def _pairs(
    shown: tuple[np.ndarray, np.ndarray], acts: tuple[np.ndarray, np.ndarray], shows: int
) -> tuple[np.ndarray, np.ndarray]:
    """The pairs of (user, show) of impressions and of interactions, numbered without gaps; -1 without a show.

    Without gaps, so that a pair and a time fit one int64 however many shows there are.
    """
    sparse = np.concatenate([user * shows + show for user, show in (shown, acts)])
    with_show = np.concatenate([shown[1], acts[1]]) >= 0
    pairs = np.full(len(sparse), -1, np.int64)
    pairs[with_show] = np.unique(sparse[with_show], return_inverse=True)[1]
    return pairs[: len(shown[0])], pairs[len(shown[0]) :]


def _labels(attribution: Attribution) -> pl.DataFrame:
    return pl.DataFrame({f"{LABEL_PREFIX}{label}": values for label, values in attribution.labels.items()})


def _write_changes(path: str, changes: pl.DataFrame, impression_days: tuple[date, ...]) -> None:
    """One batch per impression day: the changes that count from it on and not from the impression day before."""
    days = np.array([day_number(day) for day in impression_days])
    at = np.searchsorted(days, changes["day"].to_numpy())
    kept = at < len(days)
    changes = changes.drop("show", "day").filter(pl.Series(kept))
    write_batches(path, split_by(changes, at[kept], len(days)))
