"""The shows' embeddings from day to day, for the users' taste."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from components.ingestion.steps.shows import SharedFile, Snapshots
from files.storage import read_batch, write_batches
from logs.times import day_number

_SCHEMA = pl.Schema({"show_id": pl.String(), "day": pl.Int64(), "embedding": pl.List(pl.Float32())})


@dataclass(frozen=True)
class WriteEmbeddings:
    """A work item: the snapshots of shows, whose embeddings change from day to day.

    Attributes:
        snapshots: the clean files of shows by day.
        length: numbers of an embedding.
        path: where to write.
    """

    snapshots: Snapshots
    length: int
    path: str


def write_embeddings(item: WriteEmbeddings) -> SharedFile:
    """Writes which embedding a show had from which day on: show_id, day and embedding, a row only where it changes.

    The embedding is null where a show has none, or one of another length or with a number that is not finite.
    """
    changes = [pl.DataFrame(schema=_SCHEMA)]
    known = pl.DataFrame(schema={"show_id": pl.String, "at": pl.Int64})
    kept = np.zeros((0, item.length), np.float32)
    for day, path in item.snapshots:
        rows = read_batch(path).select("show_id", embedding="shows.embedding")
        now = matrix(rows["embedding"], item.length)
        before = rows.join(known, on="show_id", how="left", maintain_order="left")["at"].fill_null(-1).to_numpy()
        changed = before < 0
        again = np.flatnonzero(~changed)
        changed[again] = (kept[before[again]].view(np.uint32) != now[again].view(np.uint32)).any(axis=1)
        new = rows.filter(pl.Series(changed))
        none = pl.Series(np.isnan(now[changed]).any(axis=1))
        changes.append(
            new.select("show_id", day=pl.lit(day_number(day), pl.Int64), embedding=pl.when(~none).then("embedding"))
        )
        at = pl.Series("at", np.arange(len(kept), len(kept) + len(new)), pl.Int64)
        known = pl.concat([known, new.select("show_id", at)]).unique("show_id", keep="last")
        kept = np.concatenate([kept, now[changed]])
    write_batches(item.path, [pl.concat(changes)])
    return SharedFile(item.path)


def matrix(embeddings: pl.Series, length: int) -> np.ndarray:
    """Embeddings as float32 [n, length], NaN where there is none that can be used."""
    result = np.full((len(embeddings), length), np.nan, np.float32)
    fits = (embeddings.list.len() == length).fill_null(False).to_numpy()
    numbers = embeddings.filter(pl.Series(fits)).explode().cast(pl.Float32).to_numpy().reshape(-1, length)
    result[fits] = np.where(np.isfinite(numbers).all(axis=1, keepdims=True), numbers, np.float32(np.nan))
    return result
