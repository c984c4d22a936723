"""The counts of shows, episodes, campaigns, creatives, and placements day by day, and the rates made of them."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from components.ingestion.compute.rates import rates
from components.ingestion.compute.response_counts import CountColumns, sum_counts
from components.ingestion.steps.shows import SharedFile
from files.storage import read_batch, write_batches
from transforms.domain import Domain
from transforms.responses import Entity

KEYS = {
    "show": "show_id",
    "episode": "episode_id",
    "campaign": "campaign_id",
    "creative": "creative_id",
    "placement": "placement",
}
"""By entity that is counted by whole days: the column of impressions with its id, null where there is none."""

SURFACE = "surface"


def entity_columns(entities: tuple[Entity, ...]) -> tuple[str, ...]:
    """The columns of impressions that response history of these entities needs, beside user and show."""
    if not entities:
        return ()
    names = [KEYS[entity.name] for entity in entities if not entity.of_user]
    return tuple(dict.fromkeys([*(name for name in names if name != KEYS["show"]), SURFACE]))


def placement() -> pl.Expr:
    """Surface, slot, and layout as one string; lengths keep any two placements apart."""
    parts = [pl.col(name) for name in ("surface", "slot", "layout")]
    lengths = [part.str.len_bytes().cast(pl.String) for part in parts[:2]]
    return pl.concat_str(lengths[0], pl.lit(":"), lengths[1], pl.lit(":"), *parts).alias("placement")


@dataclass(frozen=True)
class WriteCountsByDay:
    """A work item: one entity's changes (a file a bucket of users) to put together for each impression day."""

    changes: tuple[str, ...]
    days: int
    domain: Domain
    path: str


def write_counts_by_day(item: WriteCountsByDay) -> SharedFile:
    """Writes one batch per impression day: `key` and its counts on that day, without keys that have none."""
    write_batches(item.path, _states(item))
    return SharedFile(item.path)


def _states(item: WriteCountsByDay) -> Iterator[pl.DataFrame]:
    columns = CountColumns.of(item.domain)
    state = pl.DataFrame(schema={"key": pl.String} | dict.fromkeys(columns.names, pl.Int32))
    for number in range(item.days):
        state = sum_counts([state, *(read_batch(path, number) for path in item.changes)], "key", columns)
        yield state


def prior_of(shows: pl.DataFrame, columns: CountColumns) -> np.ndarray:
    """The counts of the whole sources, int64 [columns]: sums over all shows, since every impression has one."""
    return shows.select(pl.col(columns.names).cast(pl.Int64).sum()).to_numpy()[0]


@dataclass(frozen=True)
class ResponseColumns:
    """Makes the columns `derived.*` of response history of one day from counts.

    Attributes:
        prior: see `prior_of`.
        smoothing: see `components.ingestion.compute.rates.rates`.
        domain: the sources and kinds.
    """

    prior: np.ndarray
    smoothing: float
    domain: Domain

    def of_counts(self, entity: Entity, counts: np.ndarray) -> pl.DataFrame:
        """The columns of an entity from its counts, as `rates` takes them; null without counts, and for a NaN."""
        columns = CountColumns.of(self.domain)
        values = rates(counts, self.prior, self.smoothing, columns)
        derived = {}
        for source, source_name in enumerate(self.domain.sources):
            shown = counts[:, columns.shown(source)]
            derived[f"derived.{entity.shown(source_name)}"] = shown.astype(np.float32)
            for kind, kind_name in enumerate(self.domain.response_kinds):
                derived[f"derived.{entity.rate(source_name, kind_name)}"] = values[source, kind].astype(np.float32)
        return pl.DataFrame(derived).fill_nan(None)

    def of_keys(self, entity: Entity, keys: pl.Series, state: pl.DataFrame) -> pl.DataFrame:
        """The columns of an entity that is counted by whole days, one row for each of `keys`; null for a null key.

        Args:
            entity: says the names.
            keys: the entity of each impression.
            state: a batch of `write_counts_by_day`; a key that is not in it has counts of 0.
        """
        names = CountColumns.of(self.domain).names
        present = state.filter(pl.col("key").is_in(keys.drop_nulls().unique().implode()))
        counts = np.concatenate([present.select(names).to_numpy(), np.zeros((1, len(names)), np.int32)])
        rows = present.select("key", at=pl.int_range(pl.len(), dtype=pl.Int64))
        at = pl.DataFrame({"key": keys}).join(rows, on="key", how="left", maintain_order="left")
        never = pl.lit(len(present), pl.Int64)
        at_row = at.select(pl.when(pl.col("key").is_not_null()).then(pl.coalesce("at", never))).to_series()
        return self.of_counts(entity, counts).select(pl.all().gather(at_row))
