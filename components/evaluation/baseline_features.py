"""Whether this run's examples have all features that the last blessed model takes.

A model scores rows that lack its features as if their values were missing. Its AP there says nothing about the model,
so the comparison is refused.
"""

import json
import posixpath
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from tfx.dsl.io import fileio

from models.saved_signature import inputs_of
from models.signatures import CANDIDATES, FEATURES_FILE
from transforms.feature import Feature, difference

SHOWN = 20
"""Features that the refusal names: a summary with a hundred names hides what to do."""


@dataclass(frozen=True)
class TakenFeature:
    """A feature that a model takes. For an old model, only the name is known, and `kind` is empty."""

    name: str
    kind: str = ""
    column: str = ""
    length: int = 1


def refusal(savedmodel: str, features: Iterable[Feature]) -> str | None:
    """Why the model in the folder `savedmodel` cannot be judged on this run's examples; None if it can.

    Args:
        savedmodel: folder of the last blessed model's SavedModel.
        features: every feature of this run's examples.

    Returns:
        The first features, the number of the others, and what to do, in two sentences.
    """
    of_run = {feature.name: feature for feature in features}
    problems = [problem for taken in taken_features(savedmodel) if (problem := _problem(taken, of_run.get(taken.name)))]
    if not problems:
        return None
    others = f" (and {len(problems) - SHOWN} more)" if len(problems) > SHOWN else ""
    return (
        f"The last blessed model needs features that this run lacks: {', '.join(problems[:SHOWN])}{others}. Add them, "
        "or run once with --set evaluator.compare_with_last=false."
    )


def taken_features(savedmodel: str) -> list[TakenFeature]:
    """The features that a SavedModel takes: by its list, or else by the inputs of its signature `score_candidates`.

    Empty for a model with neither, which was not exported by this project.
    """
    path = posixpath.join(savedmodel, FEATURES_FILE)
    if fileio.exists(path):
        with fileio.open(path, "r") as file:
            return [_taken(row) for row in json.loads(file.read())]
    return [TakenFeature(name) for name in sorted(inputs_of(savedmodel, CANDIDATES))]


def _taken(row: dict[str, Any]) -> TakenFeature:
    return TakenFeature(row["name"], row["kind"], row["column"], row["length"])


def _problem(taken: TakenFeature, feature: Feature | None) -> str | None:
    if feature is None:
        return taken.name
    if not taken.kind:
        return None
    different = difference(taken, feature)
    return different and f"{taken.name} ({different})"
