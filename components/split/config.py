"""The config section `split`: which days train, validate, and test (docs/data.md#train-validation-test)."""

from datetime import date
from typing import Any

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
    train_days: int | None = Field(
        default=None,
        ge=1,
        le=3650,
        description="Days of the training split, the last ones before validation. null: all earlier days.",
    )
    end: date | None = Field(
        default=None,
        description="The last day that any split may have (YYYY-MM-DD), to make the model of an earlier day again. "
        "null: the last day of the logs.",
    )

    def parameters(self) -> dict[str, int | str]:
        """The values as parameters of a TFX component, which cannot be null: 0 and "" stand for it."""
        return self.model_dump() | {"train_days": self.train_days or 0, "end": str(self.end or "")}

    @classmethod
    def of_parameters(cls, **parameters: Any) -> "SplitConfig":
        """The config of `parameters`."""
        optional = {"train_days": parameters["train_days"] or None, "end": parameters["end"] or None}
        return cls.model_validate(parameters | optional)
