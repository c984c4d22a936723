"""The results of an analysis as typed rows: `tables.py` shows them, and `files.py` writes them."""

from dataclasses import dataclass
from datetime import date

from experiments.ab.analyze.guardrails import Guardrail, Verdict


@dataclass(frozen=True)
class ChangeRow:
    """The change of one metric in one segment, of one arm against the control. None where there is no figure.

    Attributes:
        arm, segment, metric: names.
        control_value, arm_value: the metric in both arms, as it is in the logs.
        change, low, high: relative change and its 95 % interval, with CUPED unless it is switched off. Only `low` if
            the change is infinite.
        p_value: two-sided.
        p_holm: the p-value corrected for all judged rows; None if the row is not judged.
        events: the smallest number of streams or clicks in either arm that the metric depends on; None if on neither.
        judged: whether there are enough of them, and enough users with them.
        cuped_cut: the share of the variance that CUPED took away.
    """

    arm: str
    segment: str
    metric: str
    control_value: float | None
    arm_value: float | None
    change: float | None
    low: float | None
    high: float | None
    p_value: float | None
    p_holm: float | None
    events: int | None
    judged: bool
    cuped_cut: float | None

    @property
    def sure(self) -> bool:
        """Whether the change is more than chance, after the correction for many rows."""
        return self.p_holm is not None and self.p_holm < 0.05


@dataclass(frozen=True)
class LookRow:
    """One headline figure on one day, by the always-valid test: right for those who look every day.

    Attributes:
        arm, segment, metric: names.
        day: the last day of the look.
        change, low, high: relative change and its always-valid 95 % interval; None if the look does not count yet.
        p_value: the smallest always-valid p-value so far.
    """

    arm: str
    segment: str
    metric: str
    day: date
    change: float | None
    low: float | None
    high: float | None
    p_value: float | None


@dataclass(frozen=True)
class ArmRow:
    """One arm.

    Attributes:
        arm: its name.
        users: seen in the test.
        share: planned share of the users.
        impressions, streams, clicks, spend: sums.
    """

    arm: str
    users: int
    share: float
    impressions: int
    streams: int
    clicks: int
    spend: float


@dataclass(frozen=True)
class CheckRow:
    """A check of the test itself: whether the arms can be compared.

    Attributes:
        check: the compared figure in words, such as `users, as planned`.
        change, low, high: relative difference and its 95 % interval; None for a check of counts.
        p_value: how often chance alone makes such a difference.
        fine: whether the arms match.
    """

    check: str
    change: float | None
    low: float | None
    high: float | None
    p_value: float | None
    fine: bool


@dataclass(frozen=True)
class GuardrailRow:
    """The verdict on a guardrail in one arm.

    Attributes:
        arm: the arm.
        guardrail: the bound.
        change, low, high: relative change of its metric in its segment, and the 95 % interval; None without one.
        verdict: `holds`, `broken`, or `open` if the interval lies on both sides of the bound.
    """

    arm: str
    guardrail: Guardrail
    change: float | None
    low: float | None
    high: float | None
    verdict: Verdict


@dataclass(frozen=True)
class Analysis:
    """A whole analysis.

    Attributes:
        control: the arm that the others are compared with.
        sources: whose impressions count.
        start, end: first and last day.
        before_days: days before the test that CUPED uses.
        mixed_users: users in several arms, left out.
        outside: impressions of these days without an arm, left out.
        arms, checks, changes, looks, guardrails: the rows.
    """

    control: str
    sources: tuple[str, ...]
    start: date
    end: date
    before_days: int
    mixed_users: int
    outside: int
    arms: tuple[ArmRow, ...]
    checks: tuple[CheckRow, ...]
    changes: tuple[ChangeRow, ...]
    looks: tuple[LookRow, ...]
    guardrails: tuple[GuardrailRow, ...]

    @property
    def broken(self) -> tuple[GuardrailRow, ...]:
        """The guardrails that are surely broken."""
        return tuple(row for row in self.guardrails if row.verdict == "broken")
