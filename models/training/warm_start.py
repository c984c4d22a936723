"""Starts a model from the weights of another one, even if features, values, or sizes differ.

Weights are matched by path and shape. The rows of the embedding table are matched by value, and the encoder's input
columns and the weights that embed numbers by feature: a value or a feature that is new gets fresh weights, never those
of another one. A bin of a number is matched by its place, since the same quantile means much the same in another run.
A feature of the same name that comes from another column, or whose numbers have another scale, counts as new.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import keras
import numpy as np

from models.export.start_files import StartModel
from models.model_inputs import EmbeddedFeature, InputColumns, ModelInputs
from models.network import ENCODER, NUMBERS, embedding_table
from transforms.learned import FIRST_ID


@dataclass(frozen=True)
class Carried:
    """The weights that a model took over from another one.

    Attributes:
        folder: the other model.
        weights: paths of the weights that were taken over, whole or in part.
        fresh: paths of the weights that were not.
        rows: by feature, how many of its embedding rows were taken over.
        fresh_rows: by feature, how many were not.
        fresh_columns: features whose columns of the encoder's input have fresh weights.
    """

    folder: str
    weights: tuple[str, ...]
    fresh: tuple[str, ...]
    rows: dict[str, int]
    fresh_rows: dict[str, int]
    fresh_columns: tuple[str, ...]

    def sentence(self) -> str:
        """Counts of what was taken over, and the layers with fresh weights, as a sentence for people."""
        rows, fresh_rows = sum(self.rows.values()), sum(self.fresh_rows.values())
        text = f"starts from {self.folder}: {len(self.weights)} of {len(self.weights) + len(self.fresh)} weights"
        if rows + fresh_rows:
            text += f", {rows:,} of {rows + fresh_rows:,} embedding rows"
        fresh = dict.fromkeys((*(path.split("/")[0] for path in self.fresh), *self.fresh_columns))
        return f"{text}; fresh: {', '.join(fresh)}" if fresh else text


def start_from(model: keras.Model, inputs: ModelInputs, start: StartModel) -> Carried:
    """Gives `model` the weights of another model, as far as both have the same meaning.

    Args:
        model: an untrained model of `models.network.build_model`.
        inputs: the meaning of its inputs.
        start: the other model, see `models.export.start_files.read_start`.
    """
    whole_table = embedding_table(model)
    table = "" if whole_table is None else whole_table.path
    kernels = {kernel.path for kernel in model.get_layer(ENCODER).input_kernels}
    same = {new.name for new in inputs.features for old in start.inputs.features if new.same(old)}
    rows = {
        new.name: list(_same_rows(old, new))
        for new in inputs.embedded
        for old in start.inputs.embedded
        if old.name == new.name and new.name in same
    }
    columns, fresh_columns = _same_columns(start.inputs.joined, inputs.joined, same)
    numbers = {weight.path for layer in model.layers if layer.name == NUMBERS for weight in layer.weights}
    carried, fresh = [], []
    for variable in model.weights:
        old = start.weights.get(variable.path)
        if old is not None and variable.path == table and old.shape[1:] == variable.shape[1:]:
            variable.assign(_moved(old, variable.numpy(), [pair for pairs in rows.values() for pair in pairs]))
        elif old is not None and variable.path in kernels and old.shape[1:] == variable.shape[1:]:
            variable.assign(_moved(old, variable.numpy(), columns))
        elif old is not None and variable.path in numbers and old.shape[1:] == variable.shape[1:]:
            values = _same_values(start.inputs.joined, inputs.joined, same, variable.shape[-1])
            variable.assign(_moved(old, variable.numpy(), values))
        elif old is not None and variable.path not in (table, *kernels, *numbers) and old.shape == variable.shape:
            variable.assign(old)
        else:
            fresh.append(variable.path)
            continue
        carried.append(variable.path)
    taken = {feature.name: len(rows.get(feature.name, ())) * (table in carried) for feature in inputs.embedded}
    return Carried(
        folder=start.folder,
        weights=tuple(carried),
        fresh=tuple(fresh),
        rows=taken,
        fresh_rows={feature.name: feature.rows - taken[feature.name] for feature in inputs.embedded},
        fresh_columns=fresh_columns if kernels & {*carried} else (),
    )


def _same_rows(old: EmbeddedFeature, new: EmbeddedFeature) -> Iterator[tuple[int, int]]:
    """Pairs of an old and a new row of the fused table that stand for the same value.

    Buckets of a hash mean the same only if their number is the same; a missing value always does.
    """
    if old.encoding != new.encoding:
        return
    if new.encoding == "vocabulary":
        old_ids = {value: id_ for id_, value in enumerate(old.values, FIRST_ID)}
        yield from ((old.row + id_, new.row + id_) for id_ in range(FIRST_ID))
        for id_, value in enumerate(new.values, FIRST_ID):
            if value in old_ids:
                yield old.row + old_ids[value], new.row + id_
    else:
        yield from ((old.row + id_, new.row + id_) for id_ in range(new.rows if old.rows == new.rows else 1))


def _same_columns(
    old: tuple[InputColumns, ...], new: tuple[InputColumns, ...], same: set[str]
) -> tuple[list[tuple[int, int]], tuple[str, ...]]:
    """Pairs of an old and a new column of the encoder's input, and the features that have no old columns.

    Only features with a name in `same` have old columns.
    """
    old_starts = dict(_starts(old))
    pairs, fresh = [], []
    for feature, start in _starts(new):
        if feature in old_starts and feature.name in same:
            pairs += [(old_starts[feature] + offset, start + offset) for offset in range(feature.width)]
        else:
            fresh.append(feature.name)
    return pairs, tuple(fresh)


def _same_values(
    old: tuple[InputColumns, ...], new: tuple[InputColumns, ...], same: set[str], width: int
) -> list[tuple[int, int]]:
    """Pairs of an old and a new row of the weights that embed numbers in `width` columns each."""
    binned_old, binned_new = (tuple(part for part in joined if part.packed == "bins") for joined in (old, new))
    pairs, _ = _same_columns(binned_old, binned_new, same)
    return [(origin // width, target // width) for origin, target in pairs if not target % width]


def _starts(joined: tuple[InputColumns, ...]) -> Iterator[tuple[InputColumns, int]]:
    start = 0
    for feature in joined:
        yield feature, start
        start += feature.width


def _moved(old: np.ndarray, fresh: np.ndarray, pairs: list[tuple[int, int]]) -> np.ndarray:
    """`fresh` with rows of `old`, by pairs of an old and a new position."""
    result = fresh.copy()
    if pairs:
        origins, targets = np.array(pairs).T
        result[targets] = old[origins]
    return result
