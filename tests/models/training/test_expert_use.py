from dataclasses import replace

import keras
import numpy as np
import pytest

from models.config import ModelConfig
from models.encoders.config import EncoderConfig, MmoeConfig, PleConfig
from models.network import build_model
from models.training.expert_use import LEAST_SHARE, ExpertUse, expert_use
from tests.models.prepared import RECIPES, random_rows, small_layout

ROWS = random_rows(20, 60)
ROWS = replace(ROWS, floats=np.stack([np.ones(80), ROWS.source], axis=1).astype(np.float32))
"""The first number is 1, the second is 1 for ads and 0 for promotions: a gate's kernel says what it does with each."""

ALWAYS, ADS = -2, -1
"""Rows of a kernel that reads the features of `small_layout`: those of the two numbers."""


def model_of(encoder: EncoderConfig) -> keras.Model:
    """`joint` with this encoder; all gates weigh their experts equally."""
    keras.utils.set_random_seed(0)
    recipe = RECIPES["joint"].model_copy(update={"encoder": encoder})
    model = build_model(small_layout(), recipe, ModelConfig(embedding_dim=4))
    for weight in model.get_layer("encoder").weights:
        if "gate" in weight.path:
            weight.assign(np.zeros(weight.shape))
    return model


def changed(model: keras.Model, path: str, place: tuple[int, ...], value: float) -> None:
    """Sets one number of a weight of the encoder."""
    (weight,) = (weight for weight in model.get_layer("encoder").weights if weight.path == f"encoder/{path}")
    array = weight.numpy()
    array[place] = value
    weight.assign(array)


def uses(model: keras.Model) -> dict[str, ExpertUse]:
    return {use.expert: use for use in expert_use(model, RECIPES["joint"], ROWS)}


def problems(model: keras.Model) -> dict[str, str]:
    return {expert: use.problem for expert, use in uses(model).items() if use.problem}


@pytest.mark.parametrize("encoder", [MmoeConfig(experts=3, units=(8,)), PleConfig(units=(8, 8))])
def test_experts_of_equal_weight_are_used(encoder: EncoderConfig) -> None:
    assert problems(model_of(encoder)) == {}


def test_a_planted_expert_that_no_gate_chooses_is_found_by_hand() -> None:
    model = model_of(MmoeConfig(experts=3, units=(8,)))
    for head in RECIPES["joint"].heads:
        changed(model, f"gate_{head}/kernel", (ALWAYS, 1), -np.log(500.0))
    # The weights are 1, 1/500 and 1, divided by their sum.
    use = uses(model)["expert_1"]
    assert use.weights == pytest.approx({f"gate_{head}": 1 / 1001 for head in RECIPES["joint"].heads}, rel=1e-4)
    (problem,) = problems(model).items()  # all gates weigh alike, so rounding decides which one it names
    assert problem[0] == "expert_1" and problem[1].startswith("has a mean weight of 0.1% at most, in gate_")


def test_an_expert_that_one_head_chooses_is_used() -> None:
    model = model_of(MmoeConfig(experts=3, units=(8,)))
    for head in ("promotion_stream", "ad_stream", "click", "like"):
        changed(model, f"gate_{head}/kernel", (ALWAYS, 1), -50.0)
    assert problems(model) == {}


def test_the_weights_are_those_of_the_rows_that_a_head_is_measured_on_by_hand() -> None:
    model = model_of(MmoeConfig(experts=2, units=(8,)))
    for head in ("promotion_stream", "ad_stream", "click"):
        changed(model, f"gate_{head}/kernel", (ADS, 0), np.log(3.0))
    weights = uses(model)["expert_0"].weights
    # 3/4 on ads, 1/2 on promotions; 60 of the 80 rows are ads.
    assert weights["gate_promotion_stream"] == pytest.approx(1 / 2)
    assert weights["gate_ad_stream"] == pytest.approx(3 / 4)
    assert weights["gate_click"] == pytest.approx((20 * 1 / 2 + 60 * 3 / 4) / 80)


def test_the_limit_is_a_share_of_an_equal_weight() -> None:
    for factor, unused in ((0.9, ["expert_0"]), (1.1, [])):
        model = model_of(MmoeConfig(experts=2, units=(8,)))
        weight = factor * LEAST_SHARE / 2
        for head in RECIPES["joint"].heads:
            changed(model, f"gate_{head}/kernel", (ALWAYS, 0), np.log(weight / (1 - weight)))
        assert list(problems(model)) == unused


def test_a_planted_expert_whose_outputs_are_all_0_is_found() -> None:
    model = model_of(MmoeConfig(experts=3, units=(8,)))
    kill(model, "expert_2", slice(0, 8))
    assert problems(model) == {"expert_2": "gives 0 for every row"}
    assert uses(model)["expert_2"].zeros == 1.0
    assert 0.2 < uses(model)["expert_0"].zeros < 0.8


def test_a_dead_expert_is_found_in_any_number_of_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.training.expert_use._BATCH", 3)  # 80 rows: shares of 3/80 do not add up to 1 exactly
    model = model_of(MmoeConfig(experts=3, units=(8,)))
    kill(model, "expert_2", slice(0, 8))
    assert problems(model) == {"expert_2": "gives 0 for every row"}


def test_planted_experts_of_each_level_are_found() -> None:
    model = model_of(PleConfig(shared_experts=2, units=(8, 8)))
    kill(model, "level_2/shared_experts", slice(8, 16))
    changed(model, "level_1/gate_like/kernel", (ALWAYS, 0), -50.0)
    changed(model, "level_1/shared_gate_experts_like/kernel", (ALWAYS, 0), -50.0)
    changed(model, "level_1/gate_click/kernel", (ALWAYS, 0), -50.0)  # the shared gate still uses it
    assert problems(model) == {
        "level_1/experts_like_0": "has a mean weight of 0.0% at most, in level_1/gate_like",
        "level_2/shared_experts_1": "gives 0 for every row",
    }


def kill(model: keras.Model, group: str, units: slice) -> None:
    """Makes some units of the last batch norm of a stack -1 for every row."""
    for weight in model.get_layer("encoder").weights:
        if weight.path.startswith(f"encoder/{group}/norm_0/") and weight.name in ("gamma", "beta"):
            array = weight.numpy()
            array[units] = -1.0 if weight.name == "beta" else 0.0
            weight.assign(array)


def test_a_gate_without_rows_to_judge_it_finds_nothing() -> None:
    model = model_of(MmoeConfig(experts=2, units=(8,)))
    changed(model, "gate_ad_stream/kernel", (ALWAYS, 0), -50.0)
    promotions = replace(random_rows(20, 0), floats=np.ones((20, 2), np.float32))
    uses = expert_use(model, RECIPES["joint"], promotions)
    assert [use.problem for use in uses] == [None, None]
    assert "gate_ad_stream" not in uses[0].weights


def test_an_encoder_without_experts_has_no_use_of_them() -> None:
    model = build_model(small_layout(), RECIPES["joint"], ModelConfig(embedding_dim=4))
    assert expert_use(model, RECIPES["joint"], ROWS) == ()
