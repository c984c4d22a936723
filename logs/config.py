"""The config section `tiers`: how much listening makes a stream tier (docs/data.md#stream-tiers)."""

from itertools import pairwise
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, field_validator

from transforms.labelled import STREAM_TIERS

Hours = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class TiersConfig(BaseModel):
    """How reports group shows by their listening in the last 30 days. No model depends on it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    boundaries_hours: tuple[Hours, ...] = Field(
        default=(300_000, 100_000, 30_000, 10_000, 3_000, 1_000, 100),
        description="Seven boundaries in hours, from high to low. A show's stream tier is the number of boundaries "
        "above its hours in the last 30 days. `coldcast check-logs` proposes boundaries for your logs.",
    )
    less_streamed_below: int = Field(
        default=5_000, ge=0, description="A show with fewer streams in the last 30 days is less-streamed."
    )

    @field_validator("boundaries_hours")
    @classmethod
    def _falling(cls, value: tuple[float, ...]) -> tuple[float, ...]:
        if len(value) != STREAM_TIERS - 1 or any(low >= high for high, low in pairwise(value)):
            raise ValueError(f"give {STREAM_TIERS - 1} hours, each smaller than the one before")
        return value
