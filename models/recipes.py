"""The recipes: every system of the publication as a row of data (docs/model.md#recipes)."""

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from models.encoders.config import DenseConfig, EncoderConfig, MmoeConfig, PleConfig
from models.tasks import Task, TaskConfig
from transforms.domain import DEFAULT_SOURCES, STREAM, Name


class RecipeConfig(BaseModel):
    """One row of the config section `recipes`: a model's heads, and the sources that it is trained and measured on."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    trained_on: tuple[Name, ...] = Field(description="Sources whose impressions are training rows.")
    read_on: tuple[Name, ...] | None = Field(
        default=None, description="Sources on which its heads are measured. Default: `trained_on`."
    )
    heads: tuple[Name, ...] = Field(description="Names of its tasks, one head for each.")
    balanced: bool = Field(default=False, description="Whether each source has the same number of examples in a batch.")
    encoder: EncoderConfig = Field(default=DenseConfig(), description="The shared encoder and its sizes, by `kind`.")

    @field_validator("trained_on", "read_on", "heads")
    @classmethod
    def _each_once(cls, names: tuple[str, ...] | None) -> tuple[str, ...] | None:
        if names is not None and (not names or len(set(names)) != len(names)):
            raise ValueError("name at least one, each once")
        return names


class Recipe(BaseModel):
    """A recipe with its tasks filled in, for training, export, and evaluation.

    Attributes:
        trained_on: sources whose impressions are training rows. A recipe that is not trained on a source has none of
            the features that only that source fills.
        read_on: sources that its heads are measured on.
        tasks: the tasks of its heads, in the heads' order.
        balanced: whether each training batch holds as many examples of each source of `trained_on`.
        encoder: the shared encoder and its sizes.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    trained_on: tuple[Name, ...]
    read_on: tuple[Name, ...]
    tasks: tuple[Task, ...]
    balanced: bool = False
    encoder: EncoderConfig = DenseConfig()

    @model_validator(mode="after")
    def _learns_and_is_read(self) -> "Recipe":
        for task in self.tasks:
            if not set(task.trained_on) & set(self.trained_on):
                sources = " or ".join(task.trained_on)
                raise ValueError(f"{task.name} learns from {sources} only; add it to trained_on or drop the head")
        if not any(self.head_for(STREAM, source) for source in self.trained_on):
            raise ValueError("heads: name a stream task, since the AP of streams decides when training stops")
        for task in self.tasks:
            if not self.sources_of(task.name):
                raise ValueError(
                    f"heads: {task.name} is measured on {' and '.join(task.read_on)} only, so this recipe never judges "
                    f"it; add {' or '.join(task.read_on)} to the recipe's read_on, or drop the head"
                )
        return self

    @property
    def heads(self) -> tuple[str, ...]:
        """Names of the tasks, in order."""
        return tuple(task.name for task in self.tasks)

    @property
    def labels(self) -> tuple[str, ...]:
        """Names of the labels that its heads predict, each once."""
        return tuple(dict.fromkeys(task.label for task in self.tasks))

    def task(self, head: str) -> Task:
        """The task of a head."""
        return next(task for task in self.tasks if task.name == head)

    def heads_for(self, label: str, source: str) -> tuple[str, ...]:
        """Every head that is measured on `source` for `label`, in the heads' order.

        A recipe with a single head for streams measures it on every source of `read_on` (docs/model.md).
        """
        if source not in self.read_on:
            return ()
        tasks = [task for task in self.tasks if task.label == label]
        only_stream = label == STREAM and len(tasks) == 1
        return tuple(task.name for task in tasks if source in task.read_on or only_stream)

    def head_for(self, label: str, source: str) -> str | None:
        """The first head that is measured on `source` for `label`, None if there is none."""
        return next(iter(self.heads_for(label, source)), None)

    def deciding_heads(self, loss_weights: Mapping[str, float]) -> dict[str, str]:
        """The heads whose AP decides when training stops, by source.

        For each source of `trained_on`, this is the first head that is measured on it for streams and that learns. A
        source without such a head is left out.

        Args:
            loss_weights: the weight of each head's loss, 1 if absent. With weight 0, a head does not learn.
        """
        heads = {
            source: next((head for head in self.heads_for(STREAM, source) if loss_weights.get(head, 1.0)), None)
            for source in self.trained_on
        }
        return {source: head for source, head in heads.items() if head is not None}

    def sources_of(self, head: str) -> tuple[str, ...]:
        """Sources that `head` is measured on in this recipe: the mask of its metrics."""
        label = self.task(head).label
        return tuple(source for source in self.read_on if head in self.heads_for(label, source))


def bind(config: RecipeConfig, tasks: Mapping[str, TaskConfig]) -> Recipe:
    """The recipe with its tasks looked up in `tasks`.

    Raises:
        ValueError: a head is not a task, or the recipe cannot be trained or judged.
    """
    for head in config.heads:
        if head not in tasks:
            raise ValueError(f"unknown task {head!r}; valid tasks are {', '.join(tasks)}")
    return Recipe(
        trained_on=config.trained_on,
        read_on=config.read_on or config.trained_on,
        tasks=tuple(Task(name=head, **tasks[head].model_dump()) for head in config.heads),
        balanced=config.balanced,
        encoder=config.encoder,
    )


_PROMOTION, _AD = DEFAULT_SOURCES
_BOTH = (_PROMOTION, _AD)
_DENSE = DenseConfig()
_ANCILLARY = ("click", "like", "follow")
_ALL = ("promotion_stream", "ad_stream", *_ANCILLARY)


def _built_in(
    trained_on: tuple[str, ...], *heads: str, balanced: bool = False, encoder: EncoderConfig = _DENSE
) -> RecipeConfig:
    return RecipeConfig(trained_on=trained_on, read_on=_BOTH, heads=heads, balanced=balanced, encoder=encoder)


DEFAULT_RECIPES: dict[str, RecipeConfig] = {
    "promotions_only": _built_in((_PROMOTION,), "promotion_stream", *_ANCILLARY),
    "promotion_stream_only": _built_in((_PROMOTION,), "promotion_stream"),
    "ads_stream_only": _built_in((_AD,), "ad_stream"),
    "ads_stream_anc": _built_in((_AD,), "ad_stream", *_ANCILLARY),
    "single_task_pooled": _built_in(_BOTH, "ad_stream"),
    "joint": _built_in(_BOTH, *_ALL, balanced=True),
    "joint_mmoe": _built_in(_BOTH, *_ALL, balanced=True, encoder=MmoeConfig()),
    "joint_ple": _built_in(_BOTH, *_ALL, balanced=True, encoder=PleConfig()),
}
