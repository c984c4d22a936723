"""The tasks: what each head learns, from which sources, and on which sources it is measured (docs/model.md#tasks).

The table is the loss mask and the metric mask. The config section `tasks` adds rows to it or replaces some.
"""

from pydantic import BaseModel, ConfigDict, Field, field_validator

from transforms.domain import DEFAULT_LABELS, DEFAULT_SOURCES, Name


class TaskConfig(BaseModel):
    """One row of the config section `tasks`. Sources are always named one by one."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    label: Name = Field(description="Label that the head predicts.")
    trained_on: tuple[Name, ...] = Field(
        min_length=1, description="Sources whose examples update the head (the loss mask)."
    )
    read_on: tuple[Name, ...] = Field(
        min_length=1, description="Sources on which the head is measured (the metric mask)."
    )

    @field_validator("trained_on", "read_on")
    @classmethod
    def _each_once(cls, sources: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(sources))


class Task(TaskConfig):
    """One objective of a model; its head and its served output bear the task's name."""

    name: Name


_PROMOTION, _AD = DEFAULT_SOURCES
_BOTH = (_PROMOTION, _AD)

DEFAULT_TASKS: dict[str, TaskConfig] = {
    "promotion_stream": TaskConfig(label="stream", trained_on=(_PROMOTION,), read_on=(_PROMOTION,)),
    "ad_stream": TaskConfig(label="stream", trained_on=_BOTH, read_on=(_AD,)),
    **{
        label: TaskConfig(label=label, trained_on=_BOTH, read_on=_BOTH) for label in DEFAULT_LABELS if label != "stream"
    },
}
