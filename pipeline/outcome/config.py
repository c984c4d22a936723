"""The config section `hooks`: what to call when a run has ended."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

OutcomeName = Literal["blessed", "not_blessed", "failed"]
BLESSED: OutcomeName = "blessed"
NOT_BLESSED: OutcomeName = "not_blessed"
FAILED: OutcomeName = "failed"


class Hook(BaseModel):
    """A command or a URL that gets the outcome of a run as JSON (docs/operations.md#hooks)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    outcomes: tuple[OutcomeName, ...] = Field(
        default=(BLESSED, NOT_BLESSED, FAILED), min_length=1, description="The outcomes that call the hook."
    )
    command: tuple[str, ...] = Field(
        default=(), description="A program and its arguments. It gets the JSON on its standard input; no shell runs it."
    )
    url: str | None = Field(
        default=None, pattern="^https?://", description="In place of `command`: where to POST the JSON."
    )
    headers: dict[str, str] = Field(
        default={}, description="HTTP headers for `url`. `${NAME}` stands for an environment variable, for secrets."
    )
    timeout_seconds: float = Field(
        default=30.0, gt=0, le=3600, description="A hook that takes longer is stopped, and counts as failed."
    )

    @model_validator(mode="after")
    def _one_way(self) -> "Hook":
        if bool(self.command) == bool(self.url):
            raise ValueError("give either `command` or `url`")
        if self.headers and not self.url:
            raise ValueError("headers: they need `url`")
        return self
