"""The labelled impressions that a command adds up: of a folder, or made anew from the raw logs."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console

if TYPE_CHECKING:
    import polars as pl

    from pipeline.configuration.config import Config


@contextmanager
def labelled_folder(config: "Config", ingested: str | None, screen: Console) -> Iterator[str]:
    """`ingested`; without one, a folder that lasts for the block, with labels that ingestion makes, and no features."""
    config.beam.apply()
    with tempfile.TemporaryDirectory() as scratch, screen.status("labelling the impressions") as status:
        if ingested is None:
            ingested = f"{scratch}/ingested"
            label(config, config.logs, ingested, lambda step: status.update(f"labelling the impressions: {step}"))
        yield ingested


def label(config: "Config", logs: str, out: str, progress: Callable[[str], None] = lambda _: None) -> None:
    """Writes the labelled impressions of `logs` into `out`, without features, as ingestion makes them by `config`.

    Raises:
        LogError: the logs break the contract.
    """
    from components.ingestion.run import ingest

    ingest(logs, out, config.ingestion, config.tiers, config.domain, (), config.beam.args, progress)


def labelled_user_days(
    config: "Config", ingested: str | None, sources: list[str] | None, screen: Console
) -> "pl.DataFrame":
    """The sums by user and day; see `read_user_days`."""
    from experiments.ab.measures.user_days import read_user_days

    with labelled_folder(config, ingested, screen) as folder:
        return read_user_days(config.logs, folder, sources)
