"""Which experts of a trained mixture are never used (docs/model.md#experts-that-are-never-used).

A mixture of experts can collapse: a gate that prefers an expert early trains it more than the others, and then prefers
it even more (Wang et al. 2024, arXiv 2408.05430, section 1). The others still cost time, and do nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import keras
import numpy as np
import tensorflow as tf

from models.encoders.mixture import MixtureEncoder
from models.layers.mixture import Mixture
from models.network import ENCODER
from models.prepared_rows import PreparedRows
from models.recipes import Recipe

LEAST_SHARE = 0.1
"""A gate does not use an expert whose mean weight is below this share of an equal weight, 1 / experts of the gate."""

_BATCH = 8192


@dataclass(frozen=True)
class ExpertUse:
    """The use of one expert by a trained model.

    Attributes:
        expert: its name.
        weights: its mean weight by gate, of the gates that mix it.
        zeros: share of its outputs that are exactly 0.
        problem: why it is never used, as text after its name; None if it is used.
    """

    expert: str
    weights: Mapping[str, float]
    zeros: float
    problem: str | None


def expert_use(model: keras.Model, recipe: Recipe, rows: PreparedRows) -> tuple[ExpertUse, ...]:
    """How much a trained model uses each of its experts, on rows that it was not trained on.

    The weights of a head's gate are averaged over the sources that the head is measured on, because nobody uses its
    scores of others. Those of a shared gate are averaged over all rows.

    Args:
        model: the trained model.
        recipe: gives the heads and their sources (`sources_of`).
        rows: at least one row.

    Returns:
        One entry for each expert; empty if the encoder has none.
    """
    encoder = model.get_layer(ENCODER)
    if not isinstance(encoder, MixtureEncoder):
        return ()
    counts = np.bincount(rows.source, minlength=len(rows.source_names))
    weights: dict[str, dict[str, float]] = {}
    zeros: dict[str, float] = {}
    used: set[str] = set()
    for gate, sums, of_zeros in _by_gate(model, encoder, rows):
        sources = rows.source_names if gate.head is None else recipe.sources_of(gate.head)
        codes = [rows.source_names.index(source) for source in sources]
        total = counts[codes].sum()
        means = sums[codes].sum(axis=0) / total if total else np.full(len(gate.experts), np.nan)
        for expert, mean, share in zip(gate.experts, means, of_zeros, strict=True):
            zeros[expert] = float(share)
            weights.setdefault(expert, {})
            if total:
                weights[expert][gate.gate] = float(mean)
            if not total or mean >= LEAST_SHARE / len(gate.experts):
                used.add(expert)
    return tuple(
        ExpertUse(expert, weights[expert], zeros[expert], _problem(weights[expert], zeros[expert], expert in used))
        for expert in weights
    )


def _problem(weights: Mapping[str, float], zeros: float, used: bool) -> str | None:
    if zeros == 1.0:
        return "gives 0 for every row"
    if used:
        return None
    gate, weight = max(weights.items(), key=lambda item: item[1])
    return f"has a mean weight of {weight:.1%} at most, in {gate}"


def _by_gate(
    model: keras.Model, encoder: MixtureEncoder, rows: PreparedRows
) -> list[tuple[Mixture, np.ndarray, np.ndarray]]:
    """Each gate with its weights summed by source, `[sources, experts]`, and the share of zeros of each expert."""
    joined = keras.Model(model.inputs, encoder.input)

    def mixtures(ids: tf.Tensor, floats: tf.Tensor) -> list[Mixture]:
        return encoder.mixtures(joined({"ids": ids, "floats": floats}, training=False), training=False)

    @tf.function(reduce_retracing=True)
    def sums(ids: tf.Tensor, floats: tf.Tensor, source: tf.Tensor) -> list[tuple[tf.Tensor, tf.Tensor]]:
        by_source = tf.one_hot(tf.cast(source, tf.int32), len(rows.source_names))
        return [
            (
                tf.einsum("ns,ne->se", by_source, mixture.weights),
                tf.reduce_sum(tf.reduce_mean(tf.cast(mixture.outputs == 0.0, tf.float32), axis=2), axis=0),
            )
            for mixture in mixtures(ids, floats)
        ]

    gates = mixtures(tf.constant(rows.ids[:1]), tf.constant(rows.floats[:1]))
    totals = [
        (gate, np.zeros((len(rows.source_names), len(gate.experts))), np.zeros(len(gate.experts))) for gate in gates
    ]
    for start in range(0, len(rows), _BATCH):
        arrays = (array[start : start + _BATCH] for array in (rows.ids, rows.floats, rows.source))
        for (_, weights, zeros), (more_weights, more_zeros) in zip(
            totals, sums(*map(tf.constant, arrays)), strict=True
        ):
            weights += more_weights.numpy()
            zeros += more_zeros.numpy()
    return [(gate, weights, zeros / len(rows)) for gate, weights, zeros in totals]  # a share adds up with rounding
