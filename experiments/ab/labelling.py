"""The labelled impressions that a command adds up: of a folder, or made anew from the raw logs."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console

if TYPE_CHECKING:
    import polars as pl

    from pipeline.configuration.config import Config


@contextmanager
def labelled_folder(config: "Config", ingested: str | None, screen: Console) -> Iterator[str]:
    """`ingested`; without one, a folder that lasts for the block, with labels that ingestion makes, and no features."""
    from components.ingestion.run import ingest

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
        yield ingested


def labelled_user_days(
    config: "Config", ingested: str | None, sources: list[str] | None, screen: Console
) -> "pl.DataFrame":
    """The sums by user and day; see `read_user_days`."""
    from experiments.ab.measures.user_days import read_user_days

    with labelled_folder(config, ingested, screen) as folder:
        return read_user_days(config.logs, folder, sources)
