"""The settings that an evaluation was made with, as its own `eval_config.json` holds them."""

import json
from dataclasses import dataclass
from typing import Any

from apache_beam.io.filesystems import FileSystems

from components.evaluation.errors import EvaluationError
from components.evaluation.slices import SLICES, Slice, SliceKeys, column_values


@dataclass(frozen=True)
class EvaluatedHead:
    """A head, the label it predicts, and the sources that it is measured on in the recipe."""

    name: str
    label: str
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Settings:
    """The settings of one evaluation.

    Attributes:
        heads: the heads, in the recipe's order.
        sources: every source of the config, in its order.
        slices: the keys of every slice that is known without its rows.
    """

    heads: tuple[EvaluatedHead, ...]
    sources: tuple[str, ...]
    slices: tuple[SliceKeys, ...]


def read_settings(uri: str) -> Settings:
    """The settings of the ModelEvaluation artifact in the folder `uri`.

    Raises:
        EvaluationError: an earlier version of this project wrote it, without its sources.
    """
    with FileSystems.open(f"{uri.rstrip('/')}/eval_config.json") as file:
        config = json.load(file)["evalConfig"]
    labels = config["modelSpecs"][0]["labelKeys"]
    measured = json.loads(config["metricsSpecs"][0]["metrics"][0]["config"])
    if "sources" not in measured:
        raise EvaluationError(f"An earlier version of Coldcast wrote {uri}: run the pipeline again for figures.")
    sources = tuple(measured["sources"])
    heads = tuple(EvaluatedHead(head, labels[head], tuple(read_on)) for head, read_on in measured["read_on"].items())
    values = column_values(sources)
    keys = tuple(keys for slice_ in _slices(config["slicingSpecs"]) for keys in slice_.combinations(values))
    return Settings(heads, sources, keys)


def _slices(specs: list[dict[str, Any]]) -> list[Slice]:
    """The rows of `SLICES` that the evaluation was made for; an old one may lack some."""
    columns = {(*spec.get("featureKeys", ()), *spec.get("featureValues", ())) for spec in specs}
    return [slice_ for slice_ in SLICES if slice_.columns in columns]
