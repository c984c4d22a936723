"""Sections of the config that are tables: rows by name, merged over the built-in rows."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from models.recipes import DEFAULT_RECIPES, RecipeConfig
from models.tasks import DEFAULT_TASKS
from transforms.domain import DEFAULT_LABELS, DEFAULT_SOURCES

BUILT_IN: dict[str, Mapping[str, BaseModel]] = {
    "labels": DEFAULT_LABELS,
    "tasks": DEFAULT_TASKS,
    "recipes": DEFAULT_RECIPES,
}
"""The built-in rows of each table."""


def with_built_in_rows(values: Mapping[str, Any]) -> dict[str, Any]:
    """`values` of a config with its tables merged over the built-in rows.

    A row that has the name of a built-in row changes only the keys it gives, and null removes the row. A built-in task
    or recipe that needs an undeclared source, label, or task is left out, unless `values` has a row of its name.

    Raises:
        ValueError: null for a row that does not exist.
    """
    tables = {section: _merged(section, values.get(section)) for section in BUILT_IN}
    labels, tasks, recipes = (tables[section] for section in ("labels", "tasks", "recipes"))
    sources = values.get("sources", DEFAULT_SOURCES)
    if all(isinstance(table, dict) for table in tables.values()) and _are_names(sources):
        for name, task in DEFAULT_TASKS.items():
            if _untouched("tasks", name, values) and (task.label not in labels or not _declared(task, sources)):
                tasks.pop(name, None)
        for name, recipe in DEFAULT_RECIPES.items():
            known = _declared(recipe, sources) and set(recipe.heads) <= tasks.keys()
            if _untouched("recipes", name, values) and not known:
                recipes.pop(name, None)
    return {**values, **tables}


def overlaid(row: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """`row` with `changes` over it, mapping by mapping; a mapping of another `kind` replaces the whole mapping."""
    result = dict(row)
    for key, value in changes.items():
        below = result.get(key)
        same = isinstance(value, Mapping) and isinstance(below, Mapping)
        if same and value.get("kind", below.get("kind")) == below.get("kind"):  # type: ignore[union-attr]
            result[key] = overlaid(below, value)  # type: ignore[arg-type]
        else:
            result[key] = value
    return result


def changed_recipe(name: str, recipe: RecipeConfig) -> str | None:
    """A sentence if a row changes more of the built-in recipe of its name than the encoder; None if it does not."""
    built_in = DEFAULT_RECIPES.get(name)
    if built_in is None or recipe.model_copy(update={"encoder": built_in.encoder}) == built_in:
        return None
    return (
        f"{name} is a built-in recipe, and its name must mean the same in every run; change only its `encoder`, or "
        "choose another name"
    )


def _merged(section: str, rows: Any) -> Any:
    """The rows of a section over the built-in ones. A value that is not a mapping stays, and pydantic refuses it."""
    if rows is None:
        rows = {}
    if not isinstance(rows, Mapping):
        return rows
    merged: dict[str, Any] = {name: row.model_dump() for name, row in BUILT_IN[section].items()}
    for name, row in rows.items():
        if row is None:
            if name not in merged:
                raise ValueError(f"{section}.{name}: there is no built-in row {name!r} for null to remove")
            del merged[name]
            continue
        given = row.model_dump() if isinstance(row, BaseModel) else row
        both = name in merged and isinstance(given, Mapping)
        merged[name] = overlaid(merged[name], given) if both else given
    return merged


def _are_names(sources: Any) -> bool:
    """Whether this is a list of names. pydantic refuses any other value."""
    return isinstance(sources, list | tuple) and all(isinstance(source, str) for source in sources)


def _untouched(section: str, name: str, values: Mapping[str, Any]) -> bool:
    """Whether the config itself has no row of this name."""
    return name not in (values.get(section) or {})


def _declared(row: Any, sources: list[str] | tuple[str, ...]) -> bool:
    return {*row.trained_on, *row.read_on} <= set(sources)
