"""The analysis of a test: from its users' sums to rows of results."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from statsmodels.stats.multitest import multipletests

from experiments.ab.analyze.checks import MISMATCH, difference_p_value, ratio_p_value
from experiments.ab.analyze.guardrails import Guardrail
from experiments.ab.analyze.looks import looks
from experiments.ab.analyze.results import Analysis, ArmRow, ChangeRow, CheckRow, GuardrailRow
from experiments.ab.errors import ExperimentError
from experiments.ab.measures.arms import AbTest
from experiments.ab.measures.change import Floats, log_change, ratio_of
from experiments.ab.measures.figures import figures_of
from experiments.ab.measures.judging import events_of, is_judged, number_or_none
from experiments.ab.measures.metrics import ALL_METRICS, IMPRESSIONS_PER_USER, METRICS, SPEND, SPEND_PER_USER, Metric
from experiments.ab.measures.segments import ALL, HEADLINES, SEGMENTS, TIERS, Segment
from experiments.ab.measures.user_days import days_of
from experiments.ab.measures.user_sums import COLUMNS, AbUsers, columns_of

TIER_METRICS = tuple(metric for metric in METRICS if metric.name in ("i2s", "eCPS"))


def analyze(
    test: AbTest,
    shares: Mapping[str, float] | None = None,
    guardrails: Sequence[Guardrail] = (),
    expected: float = 0.1,
    *,
    cuped: bool = True,
) -> Analysis:
    """Compares every arm of `test` with its control.

    Args:
        test: its rows.
        shares: planned shares of the users by arm; None for equal ones.
        guardrails: bounds to check.
        expected: the relative change that the sequential test is best at finding.
        cuped: whether to adjust for what users did before the test.

    Raises:
        ExperimentError: `shares` do not name the arms of the test.
    """
    users = AbUsers.of(test)
    sums = {segment.name: users.products(users.values(test, segment)) for segment in SEGMENTS}
    adjust = cuped and len(test.before) > 0
    planned = _planned(test, shares)
    changes = [
        _change_row(sums, test, treatment, segment, metric, adjust=adjust)
        for treatment in range(1, len(test.arms))
        for segment, metric in _table_rows()
    ]
    return Analysis(
        control=test.control,
        sources=test.sources,
        start=test.start,
        end=test.end,
        before_days=len(days_of(test.before)) if adjust else 0,
        mixed_users=test.mixed_users,
        outside=test.outside,
        arms=tuple(_arm_rows(test, sums[ALL.name], planned)),
        checks=tuple(_checks(test, sums[ALL.name], planned)),
        changes=tuple(_corrected(changes)),
        looks=tuple(looks(test, users, expected, adjust=adjust)),
        guardrails=tuple(_guardrail_rows(sums, test, guardrails, adjust=adjust)),
    )


def _table_rows() -> Iterator[tuple[Segment, Metric]]:
    for segments, metrics in ((HEADLINES, METRICS), (TIERS, TIER_METRICS)):
        yield from ((segment, metric) for segment in segments for metric in metrics)


def _planned(test: AbTest, shares: Mapping[str, float] | None) -> list[float]:
    if shares is None:
        return [1 / len(test.arms)] * len(test.arms)
    if set(shares) != set(test.arms):
        absent = [arm for arm in shares if arm not in test.arms]
        nobody = f"; nobody in these days has the arm {absent[0]!r}" if absent else ""
        raise ExperimentError(f"--split names {', '.join(shares)}; name every arm once: {', '.join(test.arms)}{nobody}")
    return [shares[arm] / sum(shares.values()) for arm in test.arms]


def _change_row(
    sums: Mapping[str, list[Floats]], test: AbTest, treatment: int, segment: Segment, metric: Metric, *, adjust: bool
) -> ChangeRow:
    control, own = sums[segment.name][0], sums[segment.name][treatment]
    plain, adjusted = (columns_of(metric, adjust=with_cuped) for with_cuped in (False, adjust))
    figures = figures_of(metric, control, own, adjust=adjust)
    raw, variance = (log_change(control, own, columns).variance for columns in (plain, adjusted))
    p_value = number_or_none(figures.p_value)
    return ChangeRow(
        arm=test.arms[treatment],
        segment=segment.name,
        metric=metric.name,
        control_value=number_or_none(ratio_of(control, plain)),
        arm_value=number_or_none(ratio_of(own, plain)),
        change=number_or_none(figures.change),
        low=number_or_none(figures.low),
        high=number_or_none(figures.high),
        p_value=p_value,
        p_holm=None,
        events=events_of(metric, control, own),
        judged=is_judged(metric, control, own) and p_value is not None,
        cuped_cut=number_or_none(1 - variance / raw) if adjust and raw > 0 else None,
    )


def _corrected(rows: Sequence[ChangeRow]) -> list[ChangeRow]:
    """The rows with Holm's p-values over all judged ones (Holm 1979): valid however the rows depend on each other."""
    p_values = [row.p_value for row in rows if row.judged]
    corrected = iter(multipletests(p_values, method="holm")[1].tolist() if p_values else ())
    return [replace(row, p_holm=next(corrected)) if row.judged else row for row in rows]


def _arm_rows(test: AbTest, sums: Sequence[Floats], planned: Sequence[float]) -> Iterator[ArmRow]:
    for arm, own, share in zip(test.arms, sums, planned, strict=True):
        users, impressions, streams, clicks, spend = own[0, :5].tolist()
        yield ArmRow(arm, round(users), share, round(impressions), round(streams), round(clicks), spend)


def _checks(test: AbTest, sums: Sequence[Floats], planned: Sequence[float]) -> Iterator[CheckRow]:
    of_users = ratio_p_value([round(float(own[0, 0])) for own in sums], planned)
    yield CheckRow("users, as planned", None, None, None, of_users, of_users >= MISMATCH)
    has_spend = any(own[0, COLUMNS.index(SPEND)] > 0 for own in sums)
    for metric in (SPEND_PER_USER, IMPRESSIONS_PER_USER) if has_spend else (IMPRESSIONS_PER_USER,):
        for arm, own in zip(test.arms[1:], sums[1:], strict=True):
            columns = columns_of(metric, adjust=False)
            change = log_change(sums[0], own, columns)
            low, high = (number_or_none(bound) for bound in change.interval)
            p_value = number_or_none(change.p_value)
            if p_value is None:  # an arm without spend
                p_value = number_or_none(difference_p_value(sums[0], own, columns))
            relative = -1.0 if own[0, columns.numerator] == 0 < sums[0][0, columns.numerator] else change.relative
            name = f"{metric.name} per user, {arm}"
            fine = metric is not SPEND_PER_USER or p_value is None or p_value >= MISMATCH
            yield CheckRow(name, number_or_none(relative), low, high, p_value, fine)


def _guardrail_rows(
    sums: Mapping[str, list[Floats]], test: AbTest, guardrails: Sequence[Guardrail], *, adjust: bool
) -> Iterator[GuardrailRow]:
    metrics = {metric.name: metric for metric in ALL_METRICS}
    for guardrail in guardrails:
        control, *others = sums[guardrail.segment]
        metric = metrics[guardrail.metric]
        for arm, own in zip(test.arms[1:], others, strict=True):
            figures = figures_of(metric, control, own, adjust=adjust)
            change, low, high = (number_or_none(value) for value in (figures.change, figures.low, figures.high))
            verdict = guardrail.verdict(figures.low, figures.high) if is_judged(metric, control, own) else "open"
            yield GuardrailRow(arm, guardrail, change, low, high, verdict)
