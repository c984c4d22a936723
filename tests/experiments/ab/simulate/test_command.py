"""Options that do not fit are one sentence, before any work."""

from pathlib import Path
from typing import Any

import pytest

from experiments.ab.errors import ExperimentError
from experiments.ab.policies.policy import policies_of
from experiments.ab.simulate.command import simulate
from experiments.ab.simulate.folders import results_of
from experiments.systems.errors import SystemsError
from pipeline.configuration.file import load_config


@pytest.mark.parametrize(
    ("options", "override", "message"),
    [
        ({"policies": "promotions_only"}, "seed=7", "at least two policies"),
        ({"policies": ""}, "seed=7", "--policies '': the list is empty; .* such as promotions_only,joint"),
        ({"policies": "", "ingredients": True}, "seed=7", "--ingredients stands for --policies"),
        ({"worlds": "", "seeds": 2}, "seed=7", "--seeds stands for --worlds"),
        ({}, "simulation=null", "needs a config with a `simulation` section"),
        ({"policies": "joint,cold@raw"}, "seed=7", "no branch cold; its branches are promotions_only, joint"),
        ({"policies": "joint,joint@raw", "ingredients": True}, "seed=7", "--ingredients stands for --policies"),
        ({"worlds": "7,8", "seeds": 2}, "seed=7", "--seeds stands for --worlds"),
        ({"own_logs": True, "days": 2}, "seed=7", "--own-logs needs --days 3 or more"),
    ],
)
def test_options_that_do_not_fit(options: dict[str, Any], override: str, message: str, tmp_path: Path) -> None:
    with pytest.raises((ExperimentError, SystemsError), match=message):
        simulate("tiny", out=None, overrides=[f"root={tmp_path}/root", override], **options)
    assert not (tmp_path / "root").exists()


def test_other_settings_have_another_folder(tmp_path: Path) -> None:
    config = load_config("tiny")
    arms, more = policies_of(["promotions_only", "joint"]), policies_of(["promotions_only", "joint@raw"])
    plain = results_of(tmp_path, config, arms, 7, "run")
    assert plain == results_of(tmp_path, load_config("tiny"), arms, 7, "run")
    tiers = load_config("tiny", ["tiers.less_streamed_below=40"])
    others = [
        results_of(tmp_path, config, more, 7, "run"),
        results_of(tmp_path, config, arms, 8, "run"),
        results_of(tmp_path, config, arms, 7, "another"),
        results_of(tmp_path, tiers, arms, 7, "run"),
    ]
    assert len({plain, *others}) == 5
