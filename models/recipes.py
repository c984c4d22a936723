"""The recipes: every system of the publication as a row of data (docs/model.md#recipes)."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, field_validator, model_validator

from models.tasks import TASKS, Task
from transforms.labels import SOURCES, Label, Source

Encoder = Literal["dense"]


class Recipe(BaseModel):
    """What one model is trained on and which heads it has.

    Attributes:
        sources: sources whose impressions are training rows. A recipe trained without a source has none of the
            features that only that source fills.
        heads: names of the tasks, one head each.
        balanced: whether each training batch holds as many examples of each source.
        encoder: the shared encoder's architecture.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    sources: tuple[Source, ...]
    heads: tuple[str, ...]
    balanced: bool = False
    encoder: Encoder = "dense"

    @field_validator("sources", "heads")
    @classmethod
    def _not_empty(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not value or len(set(value)) != len(value):
            raise ValueError("name at least one, each once")
        return value

    @field_validator("heads")
    @classmethod
    def _known(cls, heads: tuple[str, ...]) -> tuple[str, ...]:
        for head in heads:
            if head not in TASKS:
                raise ValueError(f"unknown task {head!r}; valid tasks are {', '.join(TASKS)}")
        return heads

    @model_validator(mode="after")
    def _learns_and_is_judged(self) -> "Recipe":
        for task in self.tasks:
            if not task.trained_on & set(self.sources):
                raise ValueError(
                    f"{task.name} learns from {' or '.join(sorted(task.trained_on))} alone, which is not in sources"
                )
        if not any(self.head_for("stream", source) for source in self.sources):
            raise ValueError("heads: name a stream task, since training is stopped by the AP of streams")
        return self

    @property
    def tasks(self) -> tuple[Task, ...]:
        """The tasks of the heads, in the heads' order."""
        return tuple(TASKS[head] for head in self.heads)

    def heads_for(self, label: Label, source: Source) -> tuple[str, ...]:
        """Every head that is read on `source` for `label`, in the heads' order; each is judged there.

        A recipe without a source's head for a label is read there by its only one (docs/model.md).
        """
        heads = [task for task in self.tasks if task.label == label]
        return tuple(task.name for task in heads if source in task.read_on or len(heads) == 1)

    def head_for(self, label: Label, source: Source) -> str | None:
        """The head that stands for `label` on `source`: the first that is read there, None if there is none."""
        return next(iter(self.heads_for(label, source)), None)

    def read_on(self, head: str) -> frozenset[Source]:
        """Sources on which `head` is read in this recipe: the mask of its metrics."""
        label = TASKS[head].label
        return frozenset(source for source in SOURCES if head in self.heads_for(label, source))


_PROMOTION: tuple[Source, ...] = ("promotion",)
_AD: tuple[Source, ...] = ("ad",)
_ANCILLARY = ("click", "like", "follow")

RECIPES: dict[str, Recipe] = {
    "promotions_only": Recipe(sources=_PROMOTION, heads=("promotion_stream", *_ANCILLARY)),
    "promotion_stream_only": Recipe(sources=_PROMOTION, heads=("promotion_stream",)),
    "ads_stream_only": Recipe(sources=_AD, heads=("ad_stream",)),
    "ads_stream_anc": Recipe(sources=_AD, heads=("ad_stream", *_ANCILLARY)),
    "single_task_pooled": Recipe(sources=SOURCES, heads=("ad_stream",)),
    "joint": Recipe(sources=SOURCES, heads=tuple(TASKS), balanced=True),
}
