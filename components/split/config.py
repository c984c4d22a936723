"""The config section `split`: days that validate, days that test, and unused days between them (docs/data.md)."""

from pydantic import BaseModel, ConfigDict, Field


class SplitConfig(BaseModel):
    """Calendar days in UTC, counted back from the last day whose impressions are all mature."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    validation_days: int = Field(default=3, ge=1, le=3650, description="Days of the validation split.")
    test_days: int = Field(
        default=4, ge=1, le=3650, description="Days of the test split. Labelled impressions of later days join it."
    )
    gap_days: int = Field(
        default=0,
        ge=0,
        le=3650,
        description="Unused days between train and validation, and between validation and test.",
    )
