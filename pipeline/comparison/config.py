"""The config section `compare`: the guards of `coldcast compare`."""

from pydantic import BaseModel, ConfigDict, Field, field_validator


class CompareConfig(BaseModel):
    """Settings of `coldcast compare` that hold without options (docs/operations.md#compare)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    guards: tuple[str, ...] = Field(
        default=(),
        description="Differences that must not be worse, as LABEL:SLICE:MEASURE, such as `stream:source=ad:ap`. The "
        "option `--guard` adds others.",
    )

    @field_validator("guards")
    @classmethod
    def _have_the_form(cls, guards: tuple[str, ...]) -> tuple[str, ...]:
        if guards:
            from pipeline.comparison.guards import parse_guard  # imports the measures
            from pipeline.errors import RunsError

            try:
                for guard in guards:
                    parse_guard(guard)
            except RunsError as error:
                raise ValueError(str(error).removeprefix("--guard ")) from None
        return guards
