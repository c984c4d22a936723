"""The domain of a run: the sources and labels that its config declares (docs/data.md#sources-and-labels).

Log checks, attribution, history, masks, slices, and gates all read the domain; none of them names a source or a label.
"""

from collections.abc import Mapping
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
"""A source, a label, or an interaction kind."""

WindowHours = Annotated[float, Field(ge=0.001, le=87_600)]
"""From 3.6 seconds to ten years, so that a window is never empty and always fits int64 microseconds."""

STREAM = "stream"
"""The label and the interaction kind that stream tiers, and the choice of the best epoch, depend on."""

FOLLOW = "follow"
"""The interaction kind by which a show gains followers."""

SEARCH = "search"
"""An interaction kind that makes no label unless the config declares one; its rows may lack a show."""

_HOUR_US = 3_600_000_000


class Label(BaseModel):
    """How interactions make a label (docs/data.md#labels)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Name = Field(description="Interaction kind that makes the label.")
    window_hours: WindowHours = Field(
        default=24, description="Hours after an impression in which an interaction can belong to it, 0.001 to 87,600."
    )
    min_stream_seconds: float | None = Field(
        default=None,
        ge=0,
        le=86_400,
        allow_inf_nan=False,
        description="Shortest listening that counts, for streams only. Default: 60.",
    )

    @model_validator(mode="before")
    @classmethod
    def _default_length(cls, values: object) -> object:
        if isinstance(values, Mapping) and values.get("kind") == STREAM and values.get("min_stream_seconds") is None:
            return {**values, "min_stream_seconds": 60.0}
        return values

    @model_validator(mode="after")
    def _length_of_streams_only(self) -> "Label":
        if self.min_stream_seconds is None:
            return self
        if self.kind != STREAM:
            raise ValueError(f"min_stream_seconds is for labels of kind {STREAM}, not {self.kind}; remove it")
        if round(self.min_stream_seconds, 3) != self.min_stream_seconds:
            raise ValueError("min_stream_seconds: give whole milliseconds, such as 60 or 0.5")
        return self

    @property
    def window_us(self) -> int:
        """The window in whole microseconds."""
        return round(self.window_hours * _HOUR_US)

    @property
    def min_stream_ms(self) -> int:
        """`min_stream_seconds` in milliseconds, the unit of `listened_ms`; 0 for other kinds."""
        return round((self.min_stream_seconds or 0) * 1000)


DEFAULT_SOURCES = ("promotion", "ad")
DEFAULT_LABELS = {kind: Label(kind=kind) for kind in (STREAM, "click", "like", FOLLOW)}


class Domain(BaseModel):
    """The sources and labels of a run; the order of both is that of every array and table."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    sources: tuple[Name, ...] = DEFAULT_SOURCES
    labels: dict[Name, Label] = DEFAULT_LABELS

    @field_validator("sources")
    @classmethod
    def _each_once(cls, sources: tuple[str, ...]) -> tuple[str, ...]:
        if not sources or len(set(sources)) != len(sources):
            raise ValueError("name at least one source, each once")
        return sources

    @field_validator("labels")
    @classmethod
    def _consistent(cls, labels: dict[str, Label]) -> dict[str, Label]:
        stream = labels.get(STREAM)
        if stream is None or stream.kind != STREAM:
            raise ValueError(f"declare the label {STREAM} of kind {STREAM}: tiers and the choice of epochs need it")
        first: dict[str, str] = {}
        for name, label in labels.items():
            other = first.setdefault(label.kind, name)
            if labels[other].window_us != label.window_us:
                raise ValueError(
                    f"{other} and {name} are both made by the kind {label.kind}; give them the same window_hours"
                )
        return labels

    @property
    def kinds(self) -> tuple[str, ...]:
        """Every known interaction kind: those that make labels, then `search`."""
        return tuple(dict.fromkeys([*(label.kind for label in self.labels.values()), SEARCH]))

    def kind_code(self, kind: str) -> int:
        """Position of an interaction kind in `kinds`, -1 for a kind that the config does not declare."""
        return self.kinds.index(kind) if kind in self.kinds else -1

    @property
    def windows_us(self) -> dict[str, int]:
        """The attribution window of each kind that makes a label, in microseconds."""
        return {label.kind: label.window_us for label in self.labels.values()}

    @property
    def response_kinds(self) -> tuple[str, ...]:
        """The interaction kinds that make labels: an impression can have a response of each."""
        return tuple(self.windows_us)

    @property
    def longest_window_us(self) -> int:
        """The longest window in microseconds: an impression is mature once it has passed within the logs."""
        return max(self.windows_us.values())


DEFAULT_DOMAIN = Domain()
"""The default sources and labels."""
