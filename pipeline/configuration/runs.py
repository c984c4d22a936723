"""The config section `runs`: how long the results of runs stay."""

from pydantic import BaseModel, ConfigDict, Field


class RunsConfig(BaseModel):
    """How long the results of runs stay in `root` (docs/data.md#what-is-kept-and-for-how-long)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    keep: int | None = Field(
        default=None,
        ge=1,
        description="After each run that reaches its end, remove what only runs before the last so many need, as "
        "`coldcast runs clean --keep N` does. null: keep everything.",
    )
