"""The config section `simulation`: the seed of the world and its sizes. A preset gives sizes; each can be set."""

from datetime import date
from typing import Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, model_validator

Preset = Literal["tiny", "default", "study", "large"]

PRESETS: dict[Preset, dict[str, int]] = {
    "tiny": {"users": 1_500, "shows": 400, "days": 10, "impressions": 20_000, "snapshot_every_days": 1},
    "default": {"users": 16_000, "shows": 2_000, "days": 28, "impressions": 500_000, "snapshot_every_days": 1},
    "study": {"users": 32_000, "shows": 4_000, "days": 28, "impressions": 1_000_000, "snapshot_every_days": 1},
    "large": {"users": 400_000, "shows": 20_000, "days": 28, "impressions": 11_000_000, "snapshot_every_days": 7},
}
"""Sizes of each preset; the fields of SimulationConfig explain them."""


class SimulationConfig(BaseModel):
    """The world's seed and sizes. The preset gives every size that is not set.

    `SimulationConfig(preset="tiny", users=500)` is the tiny world with 500 users.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    preset: Preset = Field(default="default", description="Sizes to start from: tiny, default, study, or large.")
    seed: int = Field(default=7, ge=0, description="Seed of the world. The same seed and sizes make the same bytes.")
    users: int = Field(default=0, ge=50, description="Listeners.")
    shows: int = Field(default=0, ge=50, description="Podcasts, including those released within the period.")
    days: int = Field(default=0, ge=1, le=365, description="Days with impressions.")
    impressions: int = Field(default=0, ge=100, description="Expected number of impressions over all days.")
    snapshot_every_days: int = Field(
        default=0, ge=1, description="Days from one snapshot of users and shows to the next."
    )
    warmup_days: int = Field(default=30, ge=0, le=365, description="Days of listening before the first impression.")
    start_date: date = Field(
        default=date(2026, 1, 5),
        ge=date(2000, 1, 1),
        le=date(2100, 1, 1),
        description="First day with impressions (UTC).",
    )
    ads_per_promotion: float = Field(default=4.0, gt=0, le=100, description="Ad impressions for each promotion.")
    streams_per_user_day: float = Field(
        default=0.8, gt=0, le=50, description="Mean number of organic streams of a listener per day."
    )
    show_correlation: float = Field(
        default=0.8, ge=0, le=1, description="Correlation between promotions and ads of a show's quality and taste."
    )
    user_correlation: float = Field(
        default=0.6, ge=0, le=1, description="Correlation between promotions and ads of a user's openness."
    )

    @model_validator(mode="before")
    @classmethod
    def _fill_from_preset(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        preset = data.get("preset", "default")
        if preset not in get_args(Preset):
            return data  # the field's own validation names the valid values
        return {**PRESETS[preset], **data}

    @property
    def first_day(self) -> int:
        """Number of the first day with impressions; day 0 is the first day of listening."""
        return self.warmup_days

    @property
    def end_day(self) -> int:
        """Number of the first day after the logs' end."""
        return self.warmup_days + self.days
