import json

from models.recipes import RECIPES
from models.spec import TrainingSpec
from transforms.config import FeaturesConfig


def spec(recipe: str, features: FeaturesConfig | None = None) -> TrainingSpec:
    return TrainingSpec(recipe_name=recipe, recipe=RECIPES[recipe], features=features or FeaturesConfig())


def test_a_spec_survives_json() -> None:
    joint = spec("joint")
    assert TrainingSpec.model_validate(json.loads(json.dumps(joint.model_dump(mode="json")))) == joint


def test_promotions_only_goes_without_ad_only_features() -> None:
    joint = {feature.name for feature in spec("joint").inputs}
    baseline = {feature.name for feature in spec("promotions_only").inputs}
    assert joint - baseline == {"creative_id", "creative_format"}


def test_groups_switched_off_are_no_inputs() -> None:
    inputs = spec("joint", FeaturesConfig(groups=("user", "content"))).inputs
    assert {feature.group for feature in inputs} == {"user", "content"}
