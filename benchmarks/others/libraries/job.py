"""A training of a library as data: inputs, tasks, sizes, and budget."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

ID, IDS, NUMBERS = "id", "ids", "numbers"
"""Kinds of inputs."""


@dataclass(frozen=True)
class Input:
    """One feature.

    Attributes:
        name: the feature; its column in the files is `input.<name>`.
        kind: `id`, one id of each row; `ids`, a list padded with 0; `numbers`, floats.
        width: numbers of each row; 1 for `id`.
        rows: ids that its embedding table has; 0 for `numbers`. Id 0 stands for a missing value and for padding.
        table: name of the table: features of one table share its embeddings.
    """

    name: str
    kind: str
    width: int
    rows: int = 0
    table: str = ""


@dataclass(frozen=True)
class Job:
    """One model to train.

    Attributes:
        model: `mmoe` or `ple`.
        inputs: the features.
        tasks: names of the tasks, one output for each.
        deciding: by source, the task whose validation AP there counts for the choice of the epoch.
        seed: of weights and shuffles.
        epochs, patience, batch_size, learning_rate, dropout, embedding_dim, tower_units: as in the product's config.
        units: of an expert's dense layers. `ple` has a level for each, with experts of one layer.
        shared_experts: that all tasks share, of each level.
        task_experts: of each task alone, of each level; 0 for `mmoe`.
    """

    model: str
    inputs: tuple[Input, ...]
    tasks: tuple[str, ...]
    deciding: dict[str, str]
    seed: int
    epochs: int
    patience: int
    batch_size: int
    learning_rate: float
    dropout: float
    embedding_dim: int
    tower_units: tuple[int, ...]
    units: tuple[int, ...]
    shared_experts: int
    task_experts: int = 0

    def save(self, path: Path) -> None:
        """Writes it as JSON."""
        path.write_text(json.dumps(asdict(self)))

    @classmethod
    def load(cls, path: Path) -> "Job":
        """Reads what `save` wrote."""
        values: dict[str, Any] = json.loads(path.read_text())
        values["inputs"] = tuple(Input(**value) for value in values["inputs"])
        values |= {name: tuple(values[name]) for name in ("tasks", "tower_units", "units")}
        return cls(**values)
