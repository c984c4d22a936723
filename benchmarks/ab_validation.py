"""Error rates and coverage of the figures of `coldcast ab analyze`, on labelled impressions.

    python -m benchmarks.ab_validation LOGS -c CONFIG [--source NAME] [--days 7] [--replicates 2000]

The users of the last days are split at random, again and again, as in a test of two equal arms. Without an effect, 5 %
of the tests of each figure should reject, and 5 % of the tests that are looked at every day should ever reject. With a
planted effect, 95 % of the intervals should hold it. The effect is planted by thinning: every stream and every click
of the control stays with a probability of 1 / (1 + lift), which leaves the tails of activity and spend as they are.

The printed margins are those of chance: 1.96 standard errors of a share over the replicates.
"""

import argparse
import math
import os
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import polars as pl
from rich.console import Console
from scipy.stats import norm

from experiments.ab.analyze.sequential import always_valid
from experiments.ab.measures.arms import AbTest
from experiments.ab.measures.change import Z95, Floats, LogChange, log_change, log_ratio, products
from experiments.ab.measures.judging import MIN_EVENTS
from experiments.ab.measures.metrics import ALL_METRICS, CLICK, METRICS, SPEND, Metric
from experiments.ab.measures.segments import HEADLINES, SEGMENTS, Segment
from experiments.ab.measures.user_days import ARM, days_of
from experiments.ab.measures.user_sums import COLUMNS, AbUsers, columns_of
from experiments.ab.power.calculation import PowerSettings
from pipeline.terminal.fitting import TableColumn, show_columns
from transforms.domain import STREAM

_BATCH = 100
"""Replicates whose splits are in memory together."""
_THINNED = (COLUMNS.index(STREAM), COLUMNS.index(CLICK))


@dataclass(frozen=True)
class Validation:
    """Error rates and coverage of one figure, over the replicates.

    Attributes:
        segment, metric: names.
        events: mean number of streams or clicks in the smaller arm; None if the metric depends on none.
        rejected: share of tests without an effect whose p-value is below 0.05.
        covered: share of tests with a planted effect whose interval holds it.
        detected: share of tests with a planted effect whose p-value is below 0.05.
        predicted: the same as `coldcast ab power` predicts it.
        ever_rejected: share of tests without an effect whose always-valid p-value is below 0.05 on any day; None if it
            was not looked at.
        cuped_cut: share of the variance that CUPED takes away.
    """

    segment: str
    metric: str
    events: float | None
    rejected: float
    covered: float
    detected: float
    predicted: float
    ever_rejected: float | None
    cuped_cut: float


def as_test(rows: pl.DataFrame, days: int, window: timedelta) -> AbTest:
    """The last `days` days of `rows` (`read_user_days`) as a test with everybody in one arm."""
    end = days_of(rows)[-1]
    start = end - timedelta(days=days - 1)
    during = rows.filter(pl.col("day") >= start).with_columns(pl.lit("control").alias(ARM))
    before = rows.filter(pl.col("day") < start - window)
    before = before.join(during.select("user_id").unique(), on="user_id", how="semi")
    sources = tuple(during["source"].unique().sort())
    return AbTest(sources, "control", (), start, end, during, before, 0, 0)


def validate(
    test: AbTest,
    replicates: int,
    lift: float = 0.2,
    segments: Sequence[Segment] = SEGMENTS,
    looked_at: Sequence[Segment] = HEADLINES,
    seed: int = 0,
    *,
    cuped: bool = True,
) -> Iterator[Validation]:
    """Yields the validation of each figure.

    Args:
        test: of `as_test`.
        replicates: random splits of the users.
        lift: the planted effect.
        segments: to validate.
        looked_at: segments that a look on every day tests as well.
        seed: of the splits.
        cuped: whether to adjust for what users did before.
    """
    users = AbUsers.of(test)
    for segment in segments:
        values = users.values(test, segment)
        has_spend = values[:, COLUMNS.index(SPEND)].any()
        wanted = ALL_METRICS if segment in looked_at else METRICS
        metrics = [metric for metric in wanted if metric.numerator != SPEND or has_spend]
        ever = (
            _ever_rejected(test, users, segment, metrics, replicates, seed, cuped=cuped) if segment in looked_at else {}
        )
        rng = np.random.default_rng(seed)
        control, treatment = _split(values, replicates, rng)
        thinned = _thinned(values, replicates, lift, rng)
        for metric in metrics:
            columns = columns_of(metric, adjust=cuped)
            without = log_change(control, treatment, columns)
            raw = log_change(control, treatment, columns_of(metric, adjust=False))
            planted = log_change(*thinned, columns)
            truth = _truth(metric, lift)
            low, high = planted.interval
            known = np.isfinite(low) & np.isfinite(high)
            yield Validation(
                segment=segment.name,
                metric=metric.name,
                events=_events(metric, control),
                rejected=float(np.mean(without.p_value < 0.05)),
                covered=float(np.mean((low <= truth) & (truth <= high) & known)),
                detected=float(np.mean(planted.p_value < 0.05)),
                predicted=_predicted(values, metric, lift),
                ever_rejected=ever.get(metric.name),
                cuped_cut=_cut(without, raw),
            )


def _truth(metric: Metric, lift: float) -> float:
    """The planted change: a metric per stream falls if there are more streams; one without events stays as it is."""
    if metric.denominator == STREAM:
        return 1 / (1 + lift) - 1
    return lift if metric.counted else 0.0


def _predicted(values: Floats, metric: Metric, lift: float) -> float:
    """The power of two equal arms: the chance that the log change is 1.96 standard errors from 0."""
    variance = PowerSettings().inflation * log_ratio(products(values), columns_of(metric, adjust=False)).variance
    size = abs(math.log1p(_truth(metric, lift))) / np.sqrt(variance)
    return float(norm.cdf(size - Z95) + norm.cdf(-size - Z95))


def _cut(adjusted: LogChange, raw: LogChange) -> float:
    return float(1 - np.nanmean(adjusted.variance) / np.nanmean(raw.variance))


def _events(metric: Metric, control: Floats) -> float | None:
    counts = [float(np.mean(control[:, 0, COLUMNS.index(name)])) for name in metric.counted]
    return min(counts, default=None)


def _masks(users: int, replicates: int, rng: np.random.Generator) -> Iterator[Floats]:
    """Splits in batches, [batch, users]: 1 for users in the treatment."""
    for start in range(0, replicates, _BATCH):
        yield (rng.random((min(_BATCH, replicates - start), users)) < 0.5).astype(np.float64)


def _split(values: Floats, replicates: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """The products of control and treatment, [replicates, k, k]."""
    width = values.shape[1]
    outer = (values[:, :, None] * values[:, None, :]).reshape(len(values), -1)
    treatment = np.concatenate([mask @ outer for mask in _masks(len(values), replicates, rng)])
    treatment = treatment.reshape(-1, width, width)
    return values.T @ values - treatment, treatment


def _thinned(values: Floats, replicates: int, lift: float, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """As `_split`, with thinned streams and clicks in the control."""
    control, treatment = [], []
    for masks in _masks(len(values), replicates, rng):
        for mask in masks:
            chosen = mask > 0
            treatment.append(values[chosen].T @ values[chosen])
            others = values[~chosen]
            for column in _THINNED:
                others[:, column] = rng.binomial(others[:, column].astype(np.int64), 1 / (1 + lift))
            control.append(others.T @ others)
    return np.array(control), np.array(treatment)


def _ever_rejected(
    test: AbTest,
    users: AbUsers,
    segment: Segment,
    metrics: Sequence[Metric],
    replicates: int,
    seed: int,
    *,
    cuped: bool,
) -> dict[str, float]:
    """For each metric, the share of tests without an effect that a look on any day rejects."""
    changes: dict[str, list[tuple[Floats, Floats]]] = {metric.name: [] for metric in metrics}
    for day in days_of(test.during):
        values = users.values(test, segment, day)
        control, treatment = _split(values, replicates, np.random.default_rng(seed))
        for metric in metrics:
            change = log_change(control, treatment, columns_of(metric, adjust=cuped))
            enough = (_events(metric, control) or math.inf) >= MIN_EVENTS
            changes[metric.name].append((np.where(enough, change.value, np.nan), change.variance))
    shares = {}
    for name, looks in changes.items():
        value, variance = (np.stack(parts) for parts in zip(*looks, strict=True))
        last = [always_valid(value[:, at], variance[:, at], math.log(1.1)).p_value[-1] for at in range(replicates)]
        shares[name] = float(np.mean(np.array(last) < 0.05))
    return shares


def show(console: Console, rows: Sequence[Validation], replicates: int) -> None:
    """Prints the rows, with the margins that chance leaves."""
    margin = 1.96 * math.sqrt(0.05 * 0.95 / replicates)
    console.print(f"{replicates} splits; a share of 5 % or 95 % has a margin of {margin:.1%}", highlight=False)
    columns = [
        TableColumn("segment", [row.segment for row in rows]),
        TableColumn("metric", [row.metric for row in rows]),
        TableColumn("events", ["" if row.events is None else f"{row.events:,.0f}" for row in rows], right=True),
        TableColumn("rejected", [f"{row.rejected:.1%}" for row in rows], right=True),
        TableColumn("covered", [f"{row.covered:.1%}" for row in rows], right=True),
        TableColumn("detected", [f"{row.detected:.0%}" for row in rows], right=True),
        TableColumn("predicted", [f"{row.predicted:.0%}" for row in rows], right=True),
        TableColumn(
            "ever rejected",
            ["" if row.ever_rejected is None else f"{row.ever_rejected:.1%}" for row in rows],
            right=True,
        ),
        TableColumn("CUPED saves", [f"{row.cuped_cut:.0%}" for row in rows], right=True),
    ]
    show_columns(console, columns)


def main() -> None:
    """Reads the arguments, labels the impressions if need be, and prints the table."""
    from components.ingestion.run import ingest
    from experiments.ab.measures.user_days import read_user_days
    from pipeline.configuration.file import load_config

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("logs")
    parser.add_argument("-c", "--config", required=True)
    parser.add_argument("--ingested")
    parser.add_argument("--source", action="append")
    parser.add_argument("--days", type=int, default=7)
    parser.add_argument("--replicates", type=int, default=2000)
    parser.add_argument("--lift", type=float, default=0.2)
    parser.add_argument("--no-cuped", action="store_true")
    given = parser.parse_args()
    config = load_config(given.config, [])
    with tempfile.TemporaryDirectory() as scratch:
        ingested = given.ingested or f"{scratch}/ingested"
        if not given.ingested:
            ingest(given.logs, ingested, config.ingestion, config.tiers, config.domain, ())
        rows = read_user_days(given.logs, ingested, given.source)
    test = as_test(rows, given.days, timedelta(microseconds=config.domain.longest_window_us))
    console = Console(width=int(os.environ.get("COLUMNS", "100")))
    console.print(
        f"{' and '.join(test.sources)}: {test.during['user_id'].n_unique():,} users, {test.start} to {test.end}, "
        f"{len(days_of(test.before))} days before, planted {given.lift:+.0%}",
        highlight=False,
    )
    show(console, list(validate(test, given.replicates, given.lift, cuped=not given.no_cuped)), given.replicates)


if __name__ == "__main__":
    main()
