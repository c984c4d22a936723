"""Step 3: everything that is joined by user, one bucket of users at a time."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from components.ingestion.compute.attribution import Attribution, attribute
from components.ingestion.compute.buckets import encode, pairs, split_by
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
class EventDay:
    """The clean rows of one day of impressions or interactions.

    Attributes:
        files: bucketed files, in the chunks' order.
        duplicates: file of the places of later duplicates, None if there are none.
    """

    files: tuple[str, ...]
    duplicates: str | None


@dataclass(frozen=True)
class JoinUsers:
    """A work item: one bucket of users, and some consecutive days of impressions.

    Attributes:
        bucket: which batch of the files to read.
        impressions, interactions: at least one day each: all that is in reach of `impression_days`, or more.
        users: states of users by day, at least one, as bucketed files of `components.ingestion.steps.snapshots`.
        genres: the file of `components.ingestion.steps.shows.write_genres`.
        user_columns: the full names of the columns of users that features need.
        counts: the counts of interactions by kind that features need.
        impression_days: the days of impressions to label, in order.
        coverage: the days of interactions.
        domain: the labels and kinds.
        scratch: where to write.
    """

    bucket: int
    impressions: tuple[EventDay, ...]
    interactions: tuple[EventDay, ...]
    users: tuple[tuple[date, str], ...]
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
        outcomes: interactions by day and outcome; right for days whose impressions in reach were given.
        immature: impressions by day.
        unobserved: impressions by day.
        labelled: file of labels, history and profiles, with one batch per impression day.
        changes: file of changes of the shows' measures, with one batch per impression day.
    """

    outcomes: dict[date, dict[str, int]]
    immature: dict[date, int]
    unobserved: dict[date, int]
    labelled: str
    changes: str


def join_users(item: JoinUsers) -> JoinedUsers:
    """Attributes, looks up history and snapshots, and adds up the shows' days."""
    impressions, interactions = (read_events(days, item.bucket) for days in (item.impressions, item.interactions))
    users = pl.concat(
        [read_batch(path, item.bucket).with_columns(day=pl.lit(day_number(day), pl.Int64)) for day, path in item.users],
        rechunk=True,
    )
    genres = read_batch(item.genres)
    (user, acting, profiled), _ = encode(impressions["user_id"], interactions["user_id"], users["user_id"])
    (show, acted, genre_show), names = encode(impressions["show_id"], interactions["show_id"], genres["show_id"])
    shown_pair, acted_pair = pairs((user, show), (acting, acted), len(names))
    impressions = impressions.with_columns(user=pl.Series(user), pair=pl.Series(shown_pair))
    interactions = interactions.with_columns(user=pl.Series(acting), show=pl.Series(acted), pair=pl.Series(acted_pair))

    attribution = attribute(impressions, interactions, item.domain)
    changes = show_changes(interactions, item.domain)
    changes_file = f"{item.scratch}/users/{item.impression_days[0]}-{item.bucket:06d}-changes.arrow"
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
    wanted_days = np.array([day_number(impression_day) for impression_day in item.impression_days])
    is_wanted = np.isin(day, wanted_days)
    is_labelled = is_wanted & (fates == FATES.index("labelled"))
    rows = pl.concat(
        [impressions.select("chunk", "row"), _labels(attribution), history, profiles], how="horizontal"
    ).filter(pl.Series(is_labelled))
    labelled_file = f"{item.scratch}/users/{item.impression_days[0]}-{item.bucket:06d}-labelled.arrow"
    at_day = np.searchsorted(wanted_days, day)
    write_batches(labelled_file, split_by(rows, at_day[is_labelled], len(wanted_days)))

    def counted(fate: str) -> dict[date, int]:
        present, counts = np.unique(at_day[is_wanted & (fates == FATES.index(fate))], return_counts=True)
        return {item.impression_days[at]: count for at, count in zip(present.tolist(), counts.tolist(), strict=True)}

    return JoinedUsers(
        outcomes=attribution.counts_by_day(interactions["timestamp"].to_numpy()),
        immature=counted("immature"),
        unobserved=counted("unobserved"),
        labelled=labelled_file,
        changes=changes_file,
    )


def read_events(days: tuple[EventDay, ...], bucket: int) -> pl.DataFrame:
    """The rows of a bucket of the days, without later duplicates."""
    return pl.concat([without(read_batches(day.files, bucket), day.duplicates) for day in days], rechunk=True)


def _labels(attribution: Attribution) -> pl.DataFrame:
    return pl.DataFrame({f"{LABEL_PREFIX}{label}": values for label, values in attribution.labels.items()})


def _write_changes(path: str, changes: pl.DataFrame, impression_days: tuple[date, ...]) -> None:
    """One batch per impression day: the changes that count from it on and not from the impression day before."""
    days = np.array([day_number(day) for day in impression_days])
    at = np.searchsorted(days, changes["day"].to_numpy())
    kept = at < len(days)
    changes = changes.drop("show", "day").filter(pl.Series(kept))
    write_batches(path, split_by(changes, at[kept], len(days)))
