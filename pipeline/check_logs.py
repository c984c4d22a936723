"""What is wrong or odd with logs, told before anything is written: `coldcast check-logs`, ingestion's beginning."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

from components.ingestion.config import IngestionConfig
from components.ingestion.outputs.accounting import DayCount, TableCount, quarantine_excess
from components.ingestion.outputs.quarantine import REASONS
from components.ingestion.steps.read import preview
from components.split.config import SplitConfig
from components.split.days import SplitError, assign_days
from logs.columns import columns_of
from logs.errors import summarise
from logs.footers import Footer
from logs.listing import Listing, Partition, list_logs
from logs.opening import all_chunks, end_of, footers_of, problems_of
from logs.times import HISTORY_DAYS
from transforms.feature import Feature
from transforms.features import FEATURES
from transforms.labels import SOURCES


@dataclass(frozen=True)
class TableReport:
    """Size and span of one table; `first` and `last` are ISO days, None without days or partitions."""

    name: str
    days: int
    first: str | None
    last: str | None
    files: int
    rows: int


@dataclass
class Report:
    """What a user is told beforehand.

    Attributes:
        logs: the folder that was checked.
        tables: size and span of each table.
        problems: what stops a run.
        warnings: what does not, yet is likely unwanted.
        quarantined: rows by table and reason that ingestion would quarantine; empty where problems came first.
    """

    logs: str
    tables: list[TableReport] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    quarantined: dict[str, dict[str, int]] = field(default_factory=dict)


def check_logs(
    logs: str,
    features: tuple[Feature, ...] = FEATURES,
    *,
    ingestion: IngestionConfig | None = None,
    split: SplitConfig | None = None,
) -> Report:
    """Checks folders and footers of all tables and, where these are in order, every value that ingestion would read.

    Args:
        logs: folder of the raw logs.
        features: the feature table.
        ingestion: how a run would ingest them: too large a quarantine is a problem; None: only warned of.
        split: how a run would split their days, which is warned of where it cannot.

    Raises:
        LogError: if `features` names columns that no logs can have.
    """
    columns = columns_of(features)
    listing = list_logs(logs)
    footers = footers_of(listing, columns)
    report = Report(
        logs=logs,
        tables=[_table_report(name, partitions, footers) for name, partitions in listing.partitions.items()],
        problems=[*listing.problems, *summarise(problems_of(footers))],
        warnings=[*listing.warnings, *_odd_days(listing)],
    )
    if not report.problems:
        config = ingestion or IngestionConfig(max_quarantined_fraction=1)
        end = end_of(listing.partitions["interactions"])
        for name, chunks in all_chunks(listing, footers).items():
            found = preview(chunks, columns[name], features, end - config.longest_window_us)
            counts = {reason: found.quarantined[reason] for reason in REASONS if found.quarantined[reason]}
            report.quarantined[name] = counts
            report.problems += summarise(found.problems)
            if name == "impressions" and not found.problems:
                report.warnings += _unsplittable(found.days, split)
            total = TableCount(sum(chunk.rows for chunk in chunks), counts, duplicate=0)
            excess = quarantine_excess({name: total}, config.max_quarantined_fraction)
            if excess:
                report.problems.append(f"{excess}; mend the logs or raise the fraction")
            elif counts:
                listed = ", ".join(f"{number} {reason}" for reason, number in counts.items())
                report.warnings.append(
                    f"{name}: {total.quarantined_rows} of {total.rows} rows would be quarantined ({listed})"
                )
    return report


def _table_report(name: str, partitions: list[Partition], footers: dict[str, Footer]) -> TableReport:
    days = [partition.day.isoformat() for partition in partitions if partition.day]
    paths = [path for partition in partitions for path in partition.paths]
    rows = sum(footers[path].rows for path in paths)
    return TableReport(name, len(days), days[0] if days else None, days[-1] if days else None, len(paths), rows)


def _unsplittable(days: Counter[tuple[date, str, bool]], split: SplitConfig | None) -> Iterable[str]:
    """Why a run would stop at its split: a source that no usable row has, or days too few or too one-sided."""
    lacking = [source for source in SOURCES if source not in {source for _, source, _ in days}]
    for source in lacking:
        yield f"impressions: no usable row has source {source!r}; a run needs both sources in each of its splits"
    if split and not lacking:
        counts = {
            day.isoformat(): DayCount(
                rows=0,
                quarantined=0,
                duplicate=0,
                immature=sum(days[day, source, False] for source in SOURCES),
                labelled={source: days[day, source, True] for source in SOURCES},
            )
            for day in sorted({day for day, _, _ in days})
        }
        try:
            assign_days(counts, split)
        except SplitError as error:
            yield f"a run would stop after ingestion: {error}"


def _odd_days(listing: Listing) -> Iterable[str]:
    days = {
        name: [partition.day for partition in partitions if partition.day]
        for name, partitions in listing.partitions.items()
    }
    for name, present in days.items():
        missing = sorted(_span(present) - set(present))
        if missing and name in ("impressions", "interactions"):  # snapshots need not be daily
            listed = ", ".join(str(day) for day in missing[:5]) + (" ..." if len(missing) > 5 else "")
            spell, have = ("1 day", "has") if len(missing) == 1 else (f"{len(missing)} days", "have")
            yield f"{name}: {spell} between the first and the last {have} no partition: {listed}"
    shown, acted = days["impressions"], days["interactions"]
    if not shown or not acted:
        return
    if shown[-1] > acted[-1]:
        yield f"impressions run to {shown[-1]}, interactions only to {acted[-1]}: later impressions stay without label"
    if acted[0] > shown[0] - timedelta(HISTORY_DAYS):
        yield (
            f"interactions begin on {acted[0]}, less than {HISTORY_DAYS} days before the first impressions of "
            f"{shown[0]}: history features and tiers of the first days see less than their window"
        )
    for name in ("users", "shows"):
        if days[name] and days[name][0] > shown[0]:
            yield f"{name}: the first snapshot is of {days[name][0]}, after the first impressions of {shown[0]}"


def _span(days: list[date]) -> set[date]:
    return {days[0] + timedelta(number) for number in range((days[-1] - days[0]).days)} if days else set()
