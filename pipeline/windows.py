"""The days and rows of each split of a run."""

from dataclasses import dataclass

from components.ingestion.outputs.accounting import read_accounting
from components.split.days import assign_days
from pipeline.configuration.config import Config
from pipeline.metadata.records import Run


@dataclass(frozen=True)
class Window:
    """One split.

    Attributes:
        split: `train`, `validation`, or `test`.
        first_day, last_day: in ISO form.
        rows: labelled impressions by source.
    """

    split: str
    first_day: str
    last_day: str
    rows: dict[str, int]


def windows_of(config: Config, run: Run) -> tuple[Window, ...]:
    """The splits of a run; none if its accounting is gone.

    Args:
        config: of the run.
        run: it has ingested the logs.
    """
    accountings = run.outputs("Ingestion", "accounting")
    if not accountings:
        return ()
    counts = read_accounting(accountings[0]).days
    return tuple(
        Window(
            split,
            str(days[0]),
            str(days[-1]),
            {source: sum(counts[str(day)].labelled.get(source, 0) for day in days) for source in config.sources},
        )
        for split, days in assign_days(counts, config.split).items()
    )
