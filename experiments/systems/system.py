"""A system: a recipe with changes of the config, as a row of data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class System:
    """One side of a comparison: an experiment trains a model of it with each seed.

    Attributes:
        name: its name in tables; part of the names of its branches.
        recipe: the recipe of the config that it is, or that it begins with.
        changes: keys of the config that differ, section by section as in YAML.
        recipe_changes: keys of the recipe that differ. The system then has a recipe of its own.
    """

    name: str
    recipe: str
    changes: Mapping[str, Any] = field(default_factory=dict, hash=False)
    recipe_changes: Mapping[str, Any] = field(default_factory=dict, hash=False)
