"""The labelled impressions that an analysis adds up: of a folder, or made anew from the raw logs."""

import tempfile
from typing import TYPE_CHECKING

from rich.console import Console

if TYPE_CHECKING:
    import polars as pl

    from pipeline.configuration.config import Config


def labelled_user_days(
    config: "Config", ingested: str | None, sources: list[str] | None, screen: Console
) -> "pl.DataFrame":
    """The sums by user and day; without an ingested folder, ingestion labels the impressions and no features."""
    from components.ingestion.run import ingest
    from experiments.ab.measures.user_days import read_user_days

    config.beam.apply()
    with tempfile.TemporaryDirectory() as scratch, screen.status("labelling the impressions") as status:
        if ingested is None:
            ingested = f"{scratch}/ingested"
            ingest(
                config.logs,
                ingested,
                config.ingestion,
                config.tiers,
                config.domain,
                (),
                config.beam.args,
                progress=lambda step: status.update(f"labelling the impressions: {step}"),
            )
        return read_user_days(config.logs, ingested, sources)
