"""The metrics of an A/B test as data; add a metric here, and a row in the table of docs/ab.md."""

from dataclasses import dataclass

from transforms.domain import STREAM

USERS, IMPRESSIONS, SPEND = "users", "impressions", "spend"
CLICK = "click"

COUNTS = (IMPRESSIONS, STREAM, CLICK, SPEND)
"""The sums of each user: impressions, impressions with a stream, those with a click, and spend in currency units."""


@dataclass(frozen=True)
class Metric:
    """A ratio of two sums over the users of an arm.

    Attributes:
        name: its name in tables, files, and options.
        numerator, denominator: one of `COUNTS`, or `USERS` for the number of users in the arm.
        lower_is_better: whether a fall is an improvement.
    """

    name: str
    numerator: str
    denominator: str
    lower_is_better: bool = False

    @property
    def is_share(self) -> bool:
        """Whether it is a share of impressions, to show in percent."""
        return self.denominator == IMPRESSIONS

    @property
    def counted(self) -> tuple[str, ...]:
        """The rare events that it depends on: too few of them and it cannot be judged."""
        return tuple(name for name in (self.numerator, self.denominator) if name in (STREAM, CLICK))


METRICS = (
    Metric("i2s", STREAM, IMPRESSIONS),
    Metric("CTR", CLICK, IMPRESSIONS),
    Metric("eCPS", SPEND, STREAM, lower_is_better=True),
    Metric("streams", STREAM, USERS),
)
"""The metrics of the published table."""

SPEND_PER_USER = Metric("spend", SPEND, USERS)
IMPRESSIONS_PER_USER = Metric("impressions", IMPRESSIONS, USERS)

ALL_METRICS = (*METRICS, SPEND_PER_USER, IMPRESSIONS_PER_USER)
"""All that a guardrail can name."""
