"""Errors in the section `tuner` say which key, and what is valid."""

import pytest
from pydantic import ValidationError

from pipeline.configuration.config import Config


def problem(**values: object) -> str:
    with pytest.raises(ValidationError) as raised:
        Config.model_validate(values)
    return str(raised.value)


@pytest.mark.parametrize(
    ("space", "message"),
    [
        ({"trainer.learnin_rate": [1]}, "unknown key, did you mean trainer.learning_rate"),
        ({"split.test_days": [1]}, "tuner.space.split.test_days: unknown key"),
        ({"trainer.learning_rate": [0.1, -1]}, "tuner.space.trainer.learning_rate: learning_rate"),
        ({"encoder.dropout": {"low": 0.1, "high": 1.5}}, "tuner.space.encoder.dropout: dropout"),
        ({"trainer.epochs": [1, 2]}, "all trials have the same budget"),
        ({"encoder.kind": ["mmoe"]}, "belongs to the recipe"),
    ],
)
def test_a_wrong_space_is_refused(space: dict, message: str):
    assert message in problem(tuner={"space": space})


def test_the_key_of_any_encoder_is_valid():
    space = {"encoder.experts": [2, 4], "trainer.balancer": [{"kind": "fixed"}, {"kind": "famo"}]}
    assert set(Config.model_validate({"tuner": {"space": space}}).tuner.space) == set(space)


def test_a_tuned_branch_starts_from_random_weights():
    branch = {"recipe": "joint", "tuned": True}
    assert "leave out one of `tuned` and `start_from`" in problem(branches=[branch | {"start_from": "last"}])
    assert Config.model_validate({"branches": [branch]}).branches_to_run[0].tuned


def test_a_config_reads_its_own_dump():
    config = Config.model_validate({"tuner": {"space": {"encoder.units": [[8], [16]]}}})
    assert Config.model_validate_json(config.model_dump_json()).tuner == config.tuner
