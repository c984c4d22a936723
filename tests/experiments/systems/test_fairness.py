from experiments.systems.fairness import unequal_encoders
from pipeline.configuration.file import load_config


def test_recipes_with_other_sizes_are_named():
    config = load_config("tiny", ["recipes.joint.encoder={kind: dense, dropout: 0.2}"])
    problem = unequal_encoders(config, ["promotions_only", "ads_stream_only", "joint", "joint_mmoe"])
    assert problem is not None
    assert "(promotions_only, ads_stream_only / joint)" in problem


def test_built_in_recipes_are_alike():
    config = load_config("tiny")
    assert unequal_encoders(config, config.recipes) is None
