"""The config section `ingestion`: how raw logs become labelled impressions (docs/data.md)."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from transforms.domain import Domain
from transforms.feature import Feature
from transforms.responses import needs_rates

_MOVED = {
    "tier_boundaries_hours": "tiers.boundaries_hours",
    "less_streamed_below": "tiers.less_streamed_below",
}
"""Keys of earlier versions, and where they are now."""


class IngestionConfig(BaseModel):
    """How raw logs become labelled impressions; attribution windows are part of `labels` (`transforms/domain.py`)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    rate_smoothing: float = Field(
        default=20,
        gt=0,
        allow_inf_nan=False,
        description="Impressions at the mean rate of the source that are added to the counts behind each response "
        "rate. A larger value keeps rates of few impressions closer to the mean.",
    )
    max_quarantined_fraction: float = Field(
        default=0.01,
        ge=0,
        le=1,
        description="If a greater share of a table's rows is in quarantine, the run stops.",
    )

    @model_validator(mode="before")
    @classmethod
    def _not_moved(cls, values: Any) -> Any:
        for key, place in _MOVED.items():
            if isinstance(values, dict) and key in values:
                raise ValueError(f"the key {key} is now {place}; move its value there")
        return values

    def for_days(self, features: tuple[Feature, ...], domain: Domain) -> str:
        """The settings that labelled days depend on, as JSON: settings without effect must not change a cache key."""
        without_effect = {"max_quarantined_fraction"} | (set() if needs_rates(features, domain) else {"rate_smoothing"})
        return self.model_dump_json(exclude=without_effect)
