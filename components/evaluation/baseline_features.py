"""Whether this run's examples have all features that the last blessed model takes.

A model scores rows that lack its features as if their values were missing. Its AP there says nothing about the model,
so the comparison is refused.
"""

import json
import posixpath
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from google.protobuf.message import DecodeError
from tensorflow.core.protobuf import saved_model_pb2
from tfx.dsl.io import fileio

from models.signatures import CANDIDATES, FEATURES_FILE
from transforms.feature import Feature
from transforms.kinds import FEATURE_KINDS


@dataclass(frozen=True)
class TakenFeature:
    """A feature that a model takes; of an old model only the name is known."""

    name: str
    kind: str | None = None
    column: str | None = None
    length: int | None = None


def refusal(savedmodel: str, features: Iterable[Feature]) -> str | None:
    """Why the model in the folder `savedmodel` cannot be judged on this run's examples; None if it can.

    Args:
        savedmodel: folder of the last blessed model's SavedModel.
        features: every feature of this run's examples.

    Returns:
        One sentence that names the features and how to go on.
    """
    of_run = {feature.name: feature for feature in features}
    problems = [problem for taken in taken_features(savedmodel) if (problem := _problem(taken, of_run.get(taken.name)))]
    if not problems:
        return None
    return (
        "There is no comparison with the last blessed model, since it takes features that the examples of this run do "
        f"not have: {', '.join(problems)}; put them back, or let the thresholds alone decide once with --set "
        "evaluator.compare_with_last=false: a model that is blessed then is the one to compare with from now on."
    )


def taken_features(savedmodel: str) -> list[TakenFeature]:
    """The features that a SavedModel takes: by its list, or else by the inputs of its signature `score_candidates`.

    Empty for a model with neither, which was not exported by this project.
    """
    path = posixpath.join(savedmodel, FEATURES_FILE)
    if fileio.exists(path):
        with fileio.open(path, "r") as file:
            return [_taken(row) for row in json.loads(file.read())]
    return [TakenFeature(name) for name in sorted(_inputs(posixpath.join(savedmodel, "saved_model.pb")))]


def _taken(row: dict[str, Any]) -> TakenFeature:
    return TakenFeature(row["name"], row["kind"], row["column"], row["length"])


def _inputs(path: str) -> set[str]:
    if not fileio.exists(path):
        return set()
    with fileio.open(path, "rb") as file:
        try:
            graphs = saved_model_pb2.SavedModel.FromString(file.read()).meta_graphs
        except DecodeError:  # the Evaluator says so when it loads the model
            return set()
    return {name for graph in graphs for name in graph.signature_def[CANDIDATES].inputs}


def _problem(taken: TakenFeature, feature: Feature | None) -> str | None:
    if feature is None:
        return taken.name
    if taken.kind is None:
        return None
    if (taken.kind, taken.column) != (feature.kind, feature.column):
        return f"{taken.name} ({taken.kind} from {taken.column}, here {feature.kind} from {feature.column})"
    # Of a ragged list the model keeps as many values as it wants; a vector of another length it cannot parse.
    if FEATURE_KINDS[taken.kind].several == "fixed" and taken.length != feature.length:
        return f"{taken.name} (of length {taken.length}, here {feature.length})"
    return None
