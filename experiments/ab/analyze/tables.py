"""An analysis on the screen: tables that fit 80 columns, each with a line that says how to read it."""

from collections.abc import Sequence

from rich.console import Console

from experiments.ab.analyze.results import Analysis, ArmRow, ChangeRow, CheckRow, GuardrailRow, LookRow
from experiments.ab.measures.metrics import ALL_METRICS
from experiments.ab.measures.texts import interval_text, share_text, value_text
from experiments.p_values import p_text
from pipeline.terminal.fitting import TableColumn, show_columns
from pipeline.terminal.screen import say, say_sentence

_METRICS = {metric.name: metric for metric in ALL_METRICS}


def show_analysis(console: Console, analysis: Analysis) -> None:
    """Prints the arms, the checks, the changes of each arm, the guardrails, and what an early look may conclude."""
    say_sentence(console, _heading(analysis))
    show_columns(console, _arm_columns(analysis.arms), apart=True, title="Arms")
    show_columns(console, _check_columns(analysis.checks), apart=True, title="Can the arms be compared?")
    for check in analysis.checks:
        if not check.fine:
            say_sentence(console, f"MISMATCH: {check.check}. Find the reason before you believe any figure below.")
    for arm in dict.fromkeys(row.arm for row in analysis.changes):
        rows = [row for row in analysis.changes if row.arm == arm]
        show_columns(console, change_columns(rows), apart=True, title=f"Change of {arm} against {analysis.control}")
    say(console, "* too few streams or clicks, or too few users with them, to judge")
    say(console, "better, worse: more than chance, after Holm's correction for all rows")
    if analysis.guardrails:
        show_columns(console, _guardrail_columns(analysis.guardrails), apart=True, title="Guardrails")
    arms = list(dict.fromkeys(row.arm for row in analysis.looks))
    for arm in arms:
        looks = last_looks([row for row in analysis.looks if row.arm == arm])
        of_arm = f", {arm} against {analysis.control}" if len(arms) > 1 else ""
        show_columns(console, look_columns(looks), apart=True, title=f"If you look every day (always valid){of_arm}")
    say(console, "You may stop once this p is below 0.05, in the row chosen before the test.")


def _heading(analysis: Analysis) -> str:
    days = (analysis.end - analysis.start).days + 1
    before = f"adjusted by {analysis.before_days} days before" if analysis.before_days else "not adjusted (no CUPED)"
    heading = (
        f"A/B test from {analysis.start} to {analysis.end} ({days} days), source {' and '.join(analysis.sources)}, "
        f"{before}"
    )
    if analysis.mixed_users:
        heading += f"; left out: {analysis.mixed_users:,} users who were in several arms"
    if analysis.outside:
        heading += f"; left out: {analysis.outside:,} impressions without an arm"
    return heading


def _arm_columns(rows: Sequence[ArmRow]) -> list[TableColumn]:
    return [
        TableColumn("arm", [row.arm for row in rows]),
        TableColumn("planned", [f"{row.share:.1%}" for row in rows], right=True),
        TableColumn("users", [f"{row.users:,}" for row in rows], right=True),
        TableColumn("impressions", [f"{row.impressions:,}" for row in rows], right=True),
        TableColumn("streams", [f"{row.streams:,}" for row in rows], right=True, rank=1),
        TableColumn("clicks", [f"{row.clicks:,}" for row in rows], right=True, rank=1),
        TableColumn("spend", [f"{row.spend:,.2f}" for row in rows], right=True),
    ]


def _check_columns(rows: Sequence[CheckRow]) -> list[TableColumn]:
    names = [row.check for row in rows]
    return [
        TableColumn("check", names, rank=1, short=[name.replace("per user, ", "per user,\n") for name in names]),
        TableColumn("difference", [share_text(row.change) for row in rows], right=True),
        TableColumn("95 % interval", [interval_text(row.low, row.high) for row in rows], right=True),
        TableColumn("p", [p_text(row.p_value) for row in rows], right=True),
        TableColumn("result", ["fine" if row.fine else "MISMATCH" for row in rows]),
    ]


def change_columns(rows: Sequence[ChangeRow]) -> list[TableColumn]:
    """The columns of the table of changes; add a column here."""
    return [
        TableColumn("segment", _without_repeats([row.segment for row in rows])),
        TableColumn("metric", [f"{row.metric}{'' if row.judged else ' *'}" for row in rows]),
        TableColumn("control", [value_text(row.metric, row.control_value) for row in rows], right=True, rank=2),
        TableColumn("arm", [value_text(row.metric, row.arm_value) for row in rows], right=True, rank=2),
        TableColumn("change", [share_text(row.change) for row in rows], right=True),
        TableColumn("95 % interval", [interval_text(row.low, row.high) for row in rows], right=True),
        TableColumn("p", [p_text(row.p_value) for row in rows], right=True, rank=1),
        TableColumn("p (Holm)", [p_text(row.p_holm) for row in rows], right=True),
        TableColumn("result", [_result(row) for row in rows]),
        TableColumn("events", ["" if row.events is None else f"{row.events:,}" for row in rows], right=True, rank=3),
        TableColumn("CUPED saves", ["" if row.cuped_cut is None else f"{row.cuped_cut:.0%}" for row in rows], rank=4),
    ]


def last_looks(rows: Sequence[LookRow]) -> list[LookRow]:
    """The last look at each figure."""
    return list({(row.arm, row.segment, row.metric): row for row in rows}.values())


def look_columns(rows: Sequence[LookRow]) -> list[TableColumn]:
    """The columns of the table for early looks at one arm."""
    return [
        TableColumn("segment", _without_repeats([row.segment for row in rows])),
        TableColumn("metric", [row.metric for row in rows]),
        TableColumn("until", [row.day.isoformat() for row in rows], rank=1),
        TableColumn("change", [share_text(row.change) or "too few" for row in rows], right=True),
        TableColumn("95 % interval", [interval_text(row.low, row.high) for row in rows], right=True),
        TableColumn("p", [p_text(row.p_value) for row in rows], right=True),
    ]


def _guardrail_columns(rows: Sequence[GuardrailRow]) -> list[TableColumn]:
    return [
        TableColumn("arm", [row.arm for row in rows]),
        TableColumn("guardrail", [row.guardrail.text for row in rows]),
        TableColumn("change", [share_text(row.change) for row in rows], right=True),
        TableColumn("95 % interval", [interval_text(row.low, row.high) for row in rows], right=True, rank=1),
        TableColumn("result", [row.verdict for row in rows]),
    ]


def _result(row: ChangeRow) -> str:
    change = row.low if row.change is None else row.change  # an infinite change has only a lower limit
    if not row.sure or change is None:
        return ""
    return "better" if (change < 0) == _METRICS[row.metric].lower_is_better else "worse"


def _without_repeats(names: Sequence[str]) -> list[str]:
    return [name if number == 0 or names[number - 1] != name else "" for number, name in enumerate(names)]
