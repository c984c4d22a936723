from pathlib import Path

import keras
import numpy as np

from models.layers.extraction_level import ExtractionLevel

HEADS = ("click", "stream")


def test_each_gate_mixes_its_own_experts_and_the_shared_ones() -> None:
    level = ExtractionLevel(HEADS, shared_experts=2, task_experts=1, units=3, last=False, name="level_1")
    level.build([(None, 4)])
    mixtures = level.mixtures([np.ones((5, 4), np.float32)])
    shared = ("level_1/shared_experts_0", "level_1/shared_experts_1")
    click, stream = ("level_1/experts_click_0",), ("level_1/experts_stream_0",)
    assert [(mixture.gate, mixture.head, mixture.experts) for mixture in mixtures] == [
        ("level_1/shared_gate", None, (*shared, *click, *stream)),
        ("level_1/gate_click", "click", (*click, *shared)),
        ("level_1/gate_stream", "stream", (*stream, *shared)),
    ]
    for mixture in mixtures:
        assert mixture.outputs.shape == (5, len(mixture.experts), 3)
        np.testing.assert_allclose(np.sum(mixture.weights, axis=1), np.ones(5), rtol=1e-6)


def test_one_input_for_all_is_the_same_as_an_equal_one_for_each() -> None:
    level = ExtractionLevel(HEADS, shared_experts=2, task_experts=2, units=3, last=False)
    x = np.random.default_rng(0).normal(size=(5, 4)).astype(np.float32)
    level.build([(None, 4)])
    for shared, repeated in zip(level([x]), level([x] * 3), strict=True):
        np.testing.assert_allclose(shared, repeated, rtol=1e-5)


def test_the_last_level_has_no_shared_mixture() -> None:
    level = ExtractionLevel(HEADS, shared_experts=1, task_experts=1, units=3, last=True)
    x = np.ones((5, 4), np.float32)
    assert [z.shape for z in level([x, x, x])] == [(5, 3)] * 2
    assert not [weight.path for weight in level.weights if "shared_gate" in weight.path]


def test_heads_may_have_the_names_of_other_parts() -> None:
    heads = ("shared", "experts", "shared_experts", "gate", "shared_gate")
    level = ExtractionLevel(heads, shared_experts=1, task_experts=1, units=3, last=False)
    level.build([(None, 4)])
    paths = [weight.path for weight in level.weights]
    assert len(set(paths)) == len(paths)


def test_a_saved_layer_reloads(tmp_path: Path) -> None:
    inputs = keras.Input((3,))
    model = keras.Model(inputs, ExtractionLevel(HEADS, 2, 1, 4, False, 0.8, 0.1, "swish")([inputs]))
    model.save(tmp_path / "model.keras")
    reloaded = keras.saving.load_model(tmp_path / "model.keras")
    x = np.ones((2, 3), np.float32)
    for output, expected in zip(reloaded(x), model(x), strict=True):
        np.testing.assert_array_equal(output, expected)
    assert reloaded.layers[-1].get_config() == model.layers[-1].get_config()
