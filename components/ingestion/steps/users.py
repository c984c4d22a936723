"""Everything that is joined by user, one bucket of users at a time."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from components.ingestion.compute.attribution import Attribution, attribute
from components.ingestion.compute.buckets import encode, split_by
from components.ingestion.compute.coverage import FATES, Coverage
from components.ingestion.compute.response_counts import CountColumns, count_changes
from components.ingestion.compute.responses import Responses, first_responses
from components.ingestion.compute.show_days import MEASURES, show_changes
from components.ingestion.steps.days import LABEL_PREFIX
from components.ingestion.steps.duplicates import without
from components.ingestion.steps.entities import KEYS
from components.ingestion.steps.user_columns import Bucket, UserNeeds, user_columns
from files.storage import read_batch, read_batches, write_batches
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
        impressions, interactions: at least one day each, and every day in reach of `impression_days`.
        users: states of the bucket's users by day, at least one, as files of `components.ingestion.steps.snapshots`.
        genres: the file of `components.ingestion.steps.shows.write_genres`.
        embeddings: the file of `components.ingestion.steps.embeddings.write_embeddings`.
        user_columns: the full names of the columns of users that features need.
        needs: what else features need of the user.
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
    embeddings: str
    user_columns: tuple[str, ...]
    needs: UserNeeds
    impression_days: tuple[date, ...]
    coverage: Coverage
    domain: Domain
    scratch: str


@dataclass(frozen=True)
class JoinedUsers:
    """A bucket of users, joined.

    Attributes:
        outcomes: interactions by day and outcome; complete for `components.ingestion.steps.group.Group.counts_on`.
        immature: impressions by day.
        unobserved: impressions by day.
        labelled: file of labels, history and profiles, with one batch per impression day.
        changes: file of changes of the shows' measures, with one batch per impression day.
        count_changes: by entity that is counted by whole days, the file of changes of its counts, likewise.
    """

    outcomes: dict[date, dict[str, int]]
    immature: dict[date, int]
    unobserved: dict[date, int]
    labelled: str
    changes: str
    count_changes: dict[str, str]


def join_users(item: JoinUsers) -> JoinedUsers:
    """Attributes, looks up what users did and their snapshots, and adds up the days of shows and other entities."""
    impressions, interactions = (read_events(days, item.bucket) for days in (item.impressions, item.interactions))
    bucket = Bucket.of(impressions, interactions, read_batch(item.genres), read_batch(item.embeddings))
    impressions, interactions = bucket.impressions, bucket.interactions

    attribution = attribute(impressions, interactions, item.domain)
    responses = first_responses(attribution.impression, interactions, item.domain)
    changes = show_changes(interactions, item.domain)
    changes = changes.select("day", *MEASURES, show_id=bucket.shows.gather(changes["show"]))
    changes_file = _path(item, "changes")
    _write_changes(changes_file, changes, item.impression_days)
    count_files = _write_count_changes(item, impressions, responses)

    fates = item.coverage.fates(impressions["timestamp"].to_numpy(), item.domain.longest_window_us)
    day = impressions["timestamp"].to_numpy() // DAY_US
    wanted_days = np.array([day_number(impression_day) for impression_day in item.impression_days])
    is_wanted = np.isin(day, wanted_days)
    wanted = bucket.in_order(np.flatnonzero(is_wanted & (fates == FATES.index("labelled"))))
    rows = pl.concat(
        [
            impressions.select("chunk", "row")[wanted],
            _labels(attribution)[wanted],
            user_columns(bucket, wanted, responses, item.needs, item.domain),
            _profiles(item, impressions["user_id"][wanted], day[wanted]),
        ],
        how="horizontal",
    )
    labelled_file = _path(item, "labelled")
    at_day = np.searchsorted(wanted_days, day)
    write_batches(labelled_file, split_by(rows, at_day[wanted], len(wanted_days)))

    def counted(fate: str) -> dict[date, int]:
        present, counts = np.unique(at_day[is_wanted & (fates == FATES.index(fate))], return_counts=True)
        return {item.impression_days[at]: count for at, count in zip(present.tolist(), counts.tolist(), strict=True)}

    return JoinedUsers(
        outcomes=attribution.counts_by_day(interactions["timestamp"].to_numpy()),
        immature=counted("immature"),
        unobserved=counted("unobserved"),
        labelled=labelled_file,
        changes=changes_file,
        count_changes=count_files,
    )


def _path(item: JoinUsers, name: str) -> str:
    return f"{item.scratch}/users/{item.impression_days[0]}-{item.bucket:06d}-{name}.arrow"


def read_events(days: tuple[EventDay, ...], bucket: int) -> pl.DataFrame:
    """The rows of a bucket of the days, without later duplicates."""
    return pl.concat([without(read_batches(day.files, bucket), day.duplicates) for day in days], rechunk=True)


def _profiles(item: JoinUsers, user_id: pl.Series, day: np.ndarray) -> pl.DataFrame:
    """The user's columns as of the day of each row, null for an unknown user. Only one state is in memory."""
    state_days = np.array([day_number(state_day) for state_day, _ in item.users])
    state = np.searchsorted(state_days, day, "right") - 1
    before_all = read_batch(item.users[0][1]).clear()
    frames, rows = [], []
    for number in (-1, *np.unique(state[state >= 0]).tolist()):
        of_state = np.flatnonzero(state == number)
        users = before_all if number < 0 else read_batch(item.users[number][1])
        keys = pl.DataFrame({"user_id": user_id[of_state]})
        frames.append(keys.join(users, on="user_id", how="left", maintain_order="left").select(item.user_columns))
        rows.append(of_state)
    order = pl.Series(np.argsort(np.concatenate(rows)))
    return pl.concat(frames).select(pl.all().gather(order))


def _labels(attribution: Attribution) -> pl.DataFrame:
    return pl.DataFrame({f"{LABEL_PREFIX}{label}": values for label, values in attribution.labels.items()})


def _write_count_changes(item: JoinUsers, impressions: pl.DataFrame, responses: Responses) -> dict[str, str]:
    """Writes the changes of each entity that is counted by whole days; the files by entity."""
    files = {}
    timestamp, source = impressions["timestamp"].to_numpy(), impressions["source_code"].to_numpy()
    for entity in item.needs.entities:
        if not entity.of_user:
            (key,), names = encode(impressions[KEYS[entity.name]])
            changes = count_changes(key, timestamp, source, responses, CountColumns.of(item.domain))
            files[entity.name] = _path(item, entity.name)
            changes = changes.with_columns(key=names.gather(changes["key"]))
            _write_changes(files[entity.name], changes, item.impression_days)
    return files


def _write_changes(path: str, changes: pl.DataFrame, impression_days: tuple[date, ...]) -> None:
    """One batch per impression day: the changes that count from it on and not from the impression day before."""
    days = np.array([day_number(day) for day in impression_days])
    at = np.searchsorted(days, changes["day"].to_numpy())
    kept = at < len(days)
    write_batches(path, split_by(changes.drop("day").filter(pl.Series(kept)), at[kept], len(days)))
