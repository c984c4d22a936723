"""The config section `ingestion`: how raw logs become labelled impressions (docs/data.md#labels)."""

from itertools import pairwise
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, create_model, field_validator

from logs.times import HOUR_US
from transforms.labelled import STREAM_TIERS
from transforms.labels import LABELS

Hours = Annotated[float, Field(gt=0, allow_inf_nan=False)]
# 3.6 seconds to ten years: no window is empty, and none is too long for int64 microseconds.
WindowHours = Annotated[float, Field(ge=0.001, le=87_600)]


class _Windows(BaseModel):
    """Attribution window of each kind of interaction that makes a label, in hours; one can be given alone."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @property
    def microseconds(self) -> dict[str, int]:
        """The windows by kind, in whole microseconds."""
        return {kind: round(hours * HOUR_US) for kind, hours in self.model_dump().items()}


_FIELDS: dict[str, Any] = {
    label: (
        WindowHours,
        Field(default=24, description=f"An impression's hours, 0.001 to 87,600, in which a {label} can belong to it."),
    )
    for label in LABELS
}
WindowsHours = create_model("WindowsHours", __base__=_Windows, __module__=__name__, __doc__=_Windows.__doc__, **_FIELDS)


class IngestionConfig(BaseModel):
    """How raw logs become labelled impressions."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    windows_hours: WindowsHours = Field(
        default=WindowsHours(),
        description="Attribution windows; an impression is mature when the longest has passed within the logs.",
    )
    tier_boundaries_hours: tuple[Hours, ...] = Field(
        default=(300_000, 100_000, 30_000, 10_000, 3_000, 1_000, 100),
        description="Seven falling hours of listening in the 30 days before; a show's stream tier is the number of "
        "boundaries that its hours are below.",
    )
    less_streamed_below: int = Field(
        default=5_000, ge=0, description="A show with fewer streams than this in those days is less-streamed."
    )
    max_quarantined_fraction: float = Field(
        default=0.01,
        ge=0,
        le=1,
        description="Greatest share of a table's rows that may be quarantined without stopping the run.",
    )
    min_stream_seconds: float = Field(
        default=60,
        ge=0,
        le=86_400,
        allow_inf_nan=False,
        description="A stream of at least this length, at most a day, can make a label; tiers count those strictly "
        "longer.",
    )

    @field_validator("tier_boundaries_hours")
    @classmethod
    def _falling(cls, value: tuple[float, ...]) -> tuple[float, ...]:
        if len(value) != STREAM_TIERS - 1 or any(low >= high for high, low in pairwise(value)):
            raise ValueError(f"give {STREAM_TIERS - 1} hours, each smaller than the one before")
        return value

    @field_validator("min_stream_seconds")
    @classmethod
    def _whole_milliseconds(cls, value: float) -> float:
        if round(value, 3) != value:
            raise ValueError("give whole milliseconds, such as 60 or 0.5")
        return value

    @property
    def min_stream_ms(self) -> int:
        """`min_stream_seconds` in milliseconds, the unit of `listened_ms`."""
        return round(self.min_stream_seconds * 1000)

    @property
    def longest_window_us(self) -> int:
        """The longest attribution window in microseconds: what an impression needs to be mature."""
        return max(self.windows_hours.microseconds.values())
