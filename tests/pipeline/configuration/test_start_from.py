"""`trainer.start_from`: where branches without a start of their own begin."""

from typing import Any

import pytest

from pipeline.configuration.config import Config

OWN = [
    {"name": "a", "recipe": "joint"},
    {"name": "b", "recipe": "joint", "start_from": "a"},
    {"name": "c", "recipe": "joint", "trainer": {"start_from": None}},
    {"name": "d", "recipe": "joint", "start_from": "models/1"},
]


def starts(**values: Any) -> dict[str, str | None]:
    config = Config.model_validate({"name": "x", **values})
    return {branch.name: branch.start_from for branch in config.branches_to_run}


@pytest.mark.parametrize(
    ("trainer", "first"), [({}, None), ({"start_from": None}, None), ({"start_from": "last"}, "last")]
)
def test_a_start_of_its_own_comes_before_that_of_all_branches(trainer: dict[str, Any], first: str | None) -> None:
    assert starts(trainer=trainer, branches=OWN) == {"a": first, "b": "a", "c": None, "d": "models/1"}


def test_one_branch_may_start_from_its_last_model() -> None:
    branches = [{"recipe": "joint", "trainer": {"start_from": "last"}}, {"recipe": "ads_stream_anc"}]
    assert starts(branches=branches) == {"joint": "last", "ads_stream_anc": None}


def test_the_short_form_takes_it_too() -> None:
    assert starts(recipe="joint", baseline="promotions_only", trainer={"start_from": "last"}) == {
        "promotions_only": "last",
        "joint": "last",
    }


def test_it_is_no_part_of_the_cache_key_since_the_input_is() -> None:
    configs = [Config.model_validate({"name": "x", "trainer": {"start_from": start}}) for start in (None, "last")]
    without, with_last = (
        [branch.spec(config.domain, config.features) for branch in config.branches_to_run] for config in configs
    )
    assert without == with_last
