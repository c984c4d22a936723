"""Logs with a third source and another interaction kind, made from a simulated world.

    python -m tests.pipeline.save_and_email_logs DIR

A third of the users get emails in place of promotions, and many listeners save the show that they stream.
"""

import sys
from pathlib import Path

import polars as pl

from simulation.config import SimulationConfig
from simulation.simulate import simulate

IMPRESSIONS = 40_000


def write_save_and_email_logs(logs: Path) -> None:
    """Simulates a small world into `logs`, turns promotions into emails, and adds saves."""
    simulate(SimulationConfig(preset="tiny", impressions=IMPRESSIONS), logs)
    for file in sorted((logs / "impressions").rglob("*.parquet")):
        emails(pl.read_parquet(file)).write_parquet(file)
    for file in sorted((logs / "interactions").rglob("*.parquet")):
        interactions = pl.read_parquet(file)
        pl.concat([interactions, saves(interactions)]).write_parquet(file)


def emails(impressions: pl.DataFrame) -> pl.DataFrame:
    """The impressions, in which a third of the users get emails in place of promotions."""
    chosen = (pl.col("source") == "promotion") & (pl.col("user_id").hash(seed=1) % 3 == 0)
    texts = {"source": "email", "surface": "inbox", "slot": "digest", "layout": "list"}
    return impressions.with_columns(
        pl.when(chosen).then(pl.lit(text)).otherwise(pl.col(column)).alias(column) for column, text in texts.items()
    )


def saves(interactions: pl.DataFrame) -> pl.DataFrame:
    """A save a second after two of three streams, where that is on the same day."""
    later = pl.col("timestamp").dt.offset_by("1s")
    chosen = (pl.col("kind") == "stream") & (pl.col("interaction_id").hash(seed=2) % 3 > 0)
    return interactions.filter(chosen & (later.dt.date() == pl.col("timestamp").dt.date())).with_columns(
        interaction_id=pl.lit("save-") + pl.col("interaction_id"),
        timestamp=later,
        kind=pl.lit("save"),
        listened_ms=pl.lit(None, pl.Int64),
    )


if __name__ == "__main__":
    write_save_and_email_logs(Path(sys.argv[1]))
