import json

import pytest

from models.encoders.config import DenseConfig, MmoeConfig
from models.recipes import DEFAULT_RECIPES, RecipeConfig, bind
from models.spec import TrainingSpec
from models.tasks import DEFAULT_TASKS
from tests.models.prepared import RECIPES
from transforms.config import FeaturesConfig


def spec(recipe: str, features: FeaturesConfig | None = None) -> TrainingSpec:
    chosen = (features or FeaturesConfig()).chosen()
    return TrainingSpec(name=recipe, recipe=RECIPES[recipe], sources=("promotion", "ad"), features=chosen)


@pytest.mark.parametrize("name", ["joint", "joint_mmoe", "joint_ple"])
def test_a_spec_survives_json(name: str) -> None:
    assert TrainingSpec.model_validate(json.loads(json.dumps(spec(name).model_dump(mode="json")))) == spec(name)


def as_json(recipes: dict[str, RecipeConfig]) -> dict[str, str]:
    """The cache key's part of each recipe."""
    return {
        name: TrainingSpec(name=name, recipe=bind(row, DEFAULT_TASKS), sources=("promotion", "ad")).model_dump_json()
        for name, row in recipes.items()
    }


@pytest.mark.parametrize(
    ("changed", "encoder"), [("joint", DenseConfig(units=(8,))), ("joint_mmoe", MmoeConfig(experts=8))]
)
def test_the_encoder_of_a_recipe_changes_no_other_recipe_s_cache_key(
    changed: str, encoder: DenseConfig | MmoeConfig
) -> None:
    before = as_json(DEFAULT_RECIPES)
    row = DEFAULT_RECIPES[changed].model_copy(update={"encoder": encoder})
    after = as_json({**DEFAULT_RECIPES, changed: row})
    assert [name for name in before if after[name] != before[name]] == [changed]


def test_promotions_only_goes_without_ad_only_features() -> None:
    joint = {feature.name for feature in spec("joint").inputs}
    baseline = {feature.name for feature in spec("promotions_only").inputs}
    assert {"creative_id", "creative_format", "user_ad_shown_30d", "show_ad_stream_rate_30d"} <= joint - baseline
    assert all("_ad_" in name for name in joint - baseline - {"creative_id", "creative_format"})
    assert "user_promotion_shown_30d" in baseline


def test_groups_switched_off_are_no_inputs() -> None:
    inputs = spec("joint", FeaturesConfig(groups=("user", "content"))).inputs
    assert {feature.group for feature in inputs} == {"user", "content"}
