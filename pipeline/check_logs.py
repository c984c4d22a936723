"""Checks logs before a run, and writes nothing: `coldcast check-logs`."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from components.ingestion.compute.coverage import Coverage, listing_warnings
from components.ingestion.config import IngestionConfig
from components.ingestion.outputs.accounting import TableCount, quarantine_excess
from components.ingestion.outputs.quarantine import REASONS
from components.ingestion.steps.preview import Preview, preview
from components.split.config import SplitConfig
from components.split.days import SplitError, assign_days, check_sources
from logs.columns import columns_of
from logs.errors import summarise
from logs.footers import Footer
from logs.listing import Listing, Partition, list_logs
from logs.opening import all_chunks, footers_of, problems_of
from logs.propose_tiers import Proposal, propose_tiers
from logs.times import HISTORY_DAYS
from pipeline.show_counts import ShowCounts
from transforms.config import FeaturesConfig
from transforms.domain import Domain
from transforms.feature import Feature


@dataclass(frozen=True)
class TableReport:
    """Size and span of one table; `first` and `last` are ISO days, None without days or partitions."""

    name: str
    days: int
    first: str | None
    last: str | None
    files: int
    rows: int


@dataclass(frozen=True)
class TierReport:
    """Stream tiers that would fit the logs.

    Attributes:
        first, last: ISO days of the impressions that count.
        shows: shows with such impressions.
        proposal: the settings that fit; None where the shows are too few, or too much alike.
    """

    first: str
    last: str
    shows: int
    proposal: Proposal | None


@dataclass
class LogsReport:
    """The result of a check.

    Attributes:
        logs: the folder that was checked.
        tables: size and span of each table.
        problems: sentences about faults that would stop a run.
        warnings: sentences about likely mistakes that would not stop a run.
        quarantined: rows by table and reason that ingestion would quarantine; empty if the files have problems.
        tiers: stream tiers that would fit; None if the logs have problems or no impressions.
    """

    logs: str
    tables: list[TableReport] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    quarantined: dict[str, dict[str, int]] = field(default_factory=dict)
    tiers: TierReport | None = None


def check_logs(
    logs: str,
    features: tuple[Feature, ...] | None = None,
    *,
    domain: Domain | None = None,
    ingestion: IngestionConfig | None = None,
    split: SplitConfig | None = None,
    sources: Sequence[str] | None = None,
) -> LogsReport:
    """Checks folders and footers of all tables and, if these are in order, every value that ingestion reads.

    Args:
        logs: folder of the raw logs.
        features: the feature table; the built-in one of `domain` if None.
        domain: the sources and labels of a run; the default ones if None.
        ingestion: settings of a run: too large a quarantine is a problem. If None, it is a warning.
        split: settings of a run: days that cannot be split are a warning. If None, they are not checked.
        sources: the sources that each split must contain; those of `domain` if None.

    Raises:
        LogError: `features` names columns that no logs can have.
    """
    domain = domain or Domain()
    features = FeaturesConfig().table(domain) if features is None else features
    columns = columns_of(features, domain)
    listing = list_logs(logs)
    coverage = Coverage.listed(listing)
    footers = footers_of(listing, columns)
    report = LogsReport(
        logs=logs,
        tables=[_table_report(name, partitions, footers) for name, partitions in listing.partitions.items()],
        problems=[*listing.problems, *summarise(problems_of(footers))],
        warnings=[*listing_warnings(listing), *_odd_days(listing)],
    )
    if not report.problems:
        config = ingestion or IngestionConfig(max_quarantined_fraction=1)
        counts_by_show = ShowCounts(_last_day(listing), domain)
        for name, chunks in all_chunks(listing, footers).items():
            table = preview(chunks, columns[name], features, domain, coverage, counts_by_show.add)
            report.problems += summarise(table.problems)
            if name == "impressions" and not table.problems:
                report.warnings += [*_unobserved(table), *_unsplittable(table, sources or domain.sources, split)]
            counts = {reason: table.quarantined[reason] for reason in REASONS if table.quarantined[reason]}
            report.quarantined[name] = counts
            total = TableCount(sum(chunk.rows for chunk in chunks), counts, duplicate=0)
            excess = quarantine_excess({name: total}, config.max_quarantined_fraction)
            if excess:
                report.problems.append(f"{excess}; correct the logs or raise the fraction")
            elif counts:
                listed = ", ".join(f"{number} {reason}" for reason, number in counts.items())
                report.warnings.append(
                    f"{name}: {total.quarantined_rows} of {total.rows} rows would be quarantined ({listed})"
                )
        if not report.problems:
            report.tiers = _tier_report(counts_by_show, domain.sources)
    return report


def _tier_report(counts: ShowCounts, sources: Sequence[str]) -> TierReport:
    shows = counts.shows()
    first, last = counts.first.isoformat(), counts.last.isoformat()
    return TierReport(first, last, len(shows), propose_tiers(shows, sources))


def _last_day(listing: Listing) -> date:
    """The last day of impressions; logs without any have a problem already."""
    return max(partition.day for partition in listing.partitions["impressions"] if partition.day)


def _table_report(name: str, partitions: list[Partition], footers: dict[str, Footer]) -> TableReport:
    days = [partition.day.isoformat() for partition in partitions if partition.day]
    paths = [path for partition in partitions for path in partition.paths]
    rows = sum(footers[path].rows for path in paths)
    return TableReport(name, len(days), days[0] if days else None, days[-1] if days else None, len(paths), rows)


def _unobserved(impressions: Preview) -> Iterable[str]:
    """How many impressions a run would leave out because their window meets a missing day."""
    rows = sum(day.unobserved for day in impressions.days().values())
    if rows:
        yield f"impressions: {rows} rows would be left out as unobserved"


def _unsplittable(impressions: Preview, sources: Sequence[str], split: SplitConfig | None) -> Iterable[str]:
    """Why a run would stop at its split: a source without usable rows, too few days, or days that lack a source."""
    lacking = [source for source in sources if source not in impressions.sources]
    for source in lacking:
        yield f"impressions: no usable row has source {source!r}; a run needs this source in each of its splits"
    if split and not lacking:
        try:
            counts = impressions.days()
            check_sources(assign_days(counts, split), counts, sources)
        except SplitError as error:
            yield f"a run would stop after ingestion: {error}"


def _odd_days(listing: Listing) -> Iterable[str]:
    """Days that do not fit together, except missing days of interactions, which `Coverage` warns of."""
    days = {
        name: [partition.day for partition in partitions if partition.day]
        for name, partitions in listing.partitions.items()
    }
    impressions, interactions = days["impressions"], days["interactions"]
    missing = sorted(_span(impressions) - set(impressions))
    if missing:
        listed = ", ".join(str(day) for day in missing[:5]) + (" ..." if len(missing) > 5 else "")
        count, have = ("1 day", "has") if len(missing) == 1 else (f"{len(missing)} days", "have")
        yield f"impressions: {count} between the first and the last {have} no partition: {listed}"
    if not impressions or not interactions:
        return
    if impressions[-1] > interactions[-1]:
        yield (
            f"impressions run to {impressions[-1]}, interactions only to {interactions[-1]}: later impressions get no "
            "label"
        )
    if interactions[0] > impressions[0] - timedelta(HISTORY_DAYS):
        yield (
            f"interactions begin on {interactions[0]}, less than {HISTORY_DAYS} days before the first impressions of "
            f"{impressions[0]}: the history features and tiers of the first days cover less than {HISTORY_DAYS} days"
        )
    for name in ("users", "shows"):
        if days[name] and days[name][0] > impressions[0]:
            yield f"{name}: the first snapshot is of {days[name][0]}, after the first impressions of {impressions[0]}"


def _span(days: list[date]) -> set[date]:
    return {days[0] + timedelta(number) for number in range((days[-1] - days[0]).days)} if days else set()
