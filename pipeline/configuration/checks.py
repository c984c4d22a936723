"""Checks that names in one section of the config are declared in another; each error names the key and valid values."""

from collections.abc import Iterable, Mapping

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from components.evaluation.config import BASELINE, CANDIDATE
from models.recipes import Recipe, RecipeConfig, bind
from models.tasks import TaskConfig
from pipeline.configuration.branches import Branch, BranchConfig
from pipeline.configuration.rows import changed_recipe
from transforms.checks import problem_without_candidates
from transforms.config import FeaturesConfig
from transforms.domain import STREAM, Domain, Label
from transforms.features import FEATURES


def declared_domain(sources: tuple[str, ...], labels: Mapping[str, Label]) -> Domain:
    """The domain of the sections `sources` and `labels`.

    Raises:
        ValueError: they do not make a domain.
    """
    try:
        return Domain(sources=sources, labels=dict(labels))
    except ValidationError as error:
        raise ValueError("; ".join(_with_key(detail) for detail in error.errors())) from None


def check_tasks(tasks: Mapping[str, TaskConfig], domain: Domain) -> None:
    """Checks that every task names a declared label and declared sources, and has no name of a model.

    Raises:
        ValueError: a task does not.
    """
    for name, task in tasks.items():
        if name in (CANDIDATE, BASELINE):
            raise ValueError(f"tasks.{name}: an evaluation has a model of this name; choose another name for the task")
        if task.label not in domain.labels:
            raise ValueError(
                f"tasks.{name}.label: unknown label {task.label!r}; valid labels are {', '.join(domain.labels)}"
            )
        _check_sources(f"tasks.{name}.trained_on", task.trained_on, domain)
        _check_sources(f"tasks.{name}.read_on", task.read_on, domain)


def check_recipes(recipes: Mapping[str, RecipeConfig], tasks: Mapping[str, TaskConfig], domain: Domain) -> None:
    """Checks that every recipe names declared sources and tasks, and can be trained and judged.

    Raises:
        ValueError: a recipe does not.
    """
    for name, recipe in recipes.items():
        if problem := changed_recipe(name, recipe):
            raise ValueError(f"recipes: {problem}")
        _check_sources(f"recipes.{name}.trained_on", recipe.trained_on, domain)
        _check_sources(f"recipes.{name}.read_on", recipe.read_on or (), domain)
        bound_recipe(name, recipe, tasks)


def bound_recipe(name: str, recipe: RecipeConfig, tasks: Mapping[str, TaskConfig]) -> Recipe:
    """A recipe with its tasks.

    Raises:
        ValueError: a head is not a task, or the recipe cannot be trained and judged.
    """
    try:
        return bind(recipe, tasks)
    except ValidationError as error:
        raise ValueError("; ".join(f"recipes.{name}: {_with_key(detail)}" for detail in error.errors())) from None
    except ValueError as error:
        raise ValueError(f"recipes.{name}.heads: {error}") from None


def check_branch(
    branch: Branch, row: BranchConfig, tasks: Iterable[str], domain: Domain, features: FeaturesConfig
) -> None:
    """Checks that a branch learns streams, names known tasks and features, and has a feature that ranks candidates.

    Checks as well that a balanced batch has room for each source.

    Args:
        branch: the branch with all that it takes from other sections.
        row: its row of the config, for the key in an error.
        tasks: the declared tasks.
        domain: the declared sources and labels.
        features: the config section.

    Raises:
        ValueError: it does not.
    """
    _check_decider(branch, row, tuple(tasks))
    _check_start(branch, row)
    _check_streams(branch, row)
    _check_id_dropout(branch, row, domain, features)
    size, number = branch.trainer.batch_size, len(branch.recipe.trained_on)
    if branch.recipe.balanced and size < number:
        raise ValueError(
            f"{_trainer_key(row, 'batch_size')}: a batch of {size} has no room for each of the {number} sources that "
            f"the branch {branch.name} is balanced over; write {number} or more"
        )
    if problem := problem_without_candidates(branch.spec(domain, features).inputs):
        sources = ", ".join(branch.recipe.trained_on)
        raise ValueError(f"features: for the branch {branch.name}, trained on {sources}, {problem}")


def _check_decider(branch: Branch, row: BranchConfig, tasks: tuple[str, ...]) -> None:
    """Checks that loss weights are of declared tasks, and that the branch learns the task that decides."""
    for task in branch.trainer.loss_weights:
        if task not in tasks:
            key = _trainer_key(row, "loss_weights", task)
            raise ValueError(f"{key}: unknown task {task!r}; valid tasks are {', '.join(tasks)}")
    decider = branch.trainer.decided_by
    learning = [head for head in branch.recipe.heads if _learns(branch, head)]
    if decider is not None and decider not in learning:
        raise ValueError(
            f"{_trainer_key(row, 'decided_by')}: the branch {branch.name} does not learn {decider!r}; valid values are "
            f"{', '.join(learning)}, and null"
        )


def _check_start(branch: Branch, row: BranchConfig) -> None:
    """Checks that a tuned branch starts from random weights, and that a frozen encoder has learned something."""
    if branch.tuned and branch.start_from is not None:
        raise ValueError(
            f"branches.{branch.name}.tuned: the branch starts from another model, and trials start from random "
            "weights; leave out one of `tuned` and `start_from`"
        )
    if branch.trainer.frozen_encoder and branch.start_from is None:
        raise ValueError(
            f"{_trainer_key(row, 'frozen_encoder')}: the branch {branch.name} starts from random weights, which a "
            "frozen encoder would keep; give it a start_from"
        )


def _check_streams(branch: Branch, row: BranchConfig) -> None:
    """Checks that a branch without `decided_by` learns streams."""
    if branch.trainer.decided_by is not None or branch.recipe.deciding_heads(branch.trainer.loss_weights):
        return
    streams = [task.name for task in branch.recipe.tasks if task.label == STREAM]
    still = [head for head in streams if not _learns(branch, head)]
    raise ValueError(
        f"{_trainer_key(row, 'loss_weights', *streams)}: with {' and '.join(still)} at 0, the branch "
        f"{branch.name} learns no streams, and the AP of streams decides when training stops"
    )


def _check_id_dropout(branch: Branch, row: BranchConfig, domain: Domain, features: FeaturesConfig) -> None:
    """Checks that the features whose ids are hidden have ids. Features that are switched off may be named."""
    known = (*FEATURES, *features.table(domain))
    ids = dict.fromkeys(feature.name for feature in known if feature.storage.packed == "ids")
    for name in branch.model.id_dropout_features:
        if name not in ids:
            key = f"branches.{row.name}.model" if "id_dropout_features" in row.model else "model"
            raise ValueError(
                f"{key}.id_dropout_features: {name!r} is unknown or has no ids; valid features are {', '.join(ids)}"
            )


def _learns(branch: Branch, head: str) -> bool:
    """Whether the loss of a head counts."""
    return bool(branch.trainer.loss_weights.get(head, 1.0))


def _trainer_key(row: BranchConfig, key: str, *names: str) -> str:
    """`trainer.KEY`, or the branch's own key if the branch changes this value or, with `names`, one of them in it."""
    own = key in row.trainer and (not names or any(name in row.trainer[key] for name in names))
    return f"branches.{row.name}.trainer.{key}" if own else f"trainer.{key}"


def _check_sources(key: str, sources: Iterable[str], domain: Domain) -> None:
    for source in sources:
        if source not in domain.sources:
            raise ValueError(f"{key}: unknown source {source!r}; valid sources are {', '.join(domain.sources)}")


def _with_key(detail: ErrorDetails) -> str:
    """One error of pydantic as `key: message`."""
    key = ".".join(str(part) for part in detail["loc"])
    message = detail["msg"].removeprefix("Value error, ")
    return f"{key}: {message}" if key else message
