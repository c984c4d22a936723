import pytest

from benchmarks.others import __main__ as main
from benchmarks.others.__main__ import chosen_libraries, seeds_of
from benchmarks.others.errors import OthersError
from pipeline.configuration.config import Config


@pytest.fixture
def checkout(tmp_path):
    (tmp_path / "model_zoo" / "multitask").mkdir(parents=True)
    return tmp_path


def test_fuxictr_runs_if_its_repository_is_there(checkout):
    assert chosen_libraries(None, None) == ("deepctr",)
    assert chosen_libraries(None, checkout) == ("deepctr", "fuxictr")
    assert chosen_libraries(["fuxictr"], checkout) == ("fuxictr",)


def test_a_third_library_needs_nothing_but_its_name(monkeypatch):
    monkeypatch.setattr(main, "LIBRARIES", ("deepctr", "fuxictr", "third"))
    assert chosen_libraries(None, None) == ("deepctr", "third")
    assert chosen_libraries(["third"], None) == ("third",)


def test_fuxictr_without_its_repository_is_an_error(tmp_path):
    with pytest.raises(OthersError, match=r"clone github\.com/reczoo/FuxiCTR"):
        chosen_libraries(["fuxictr"], None)
    with pytest.raises(OthersError, match="has no folder model_zoo/multitask"):
        chosen_libraries(None, tmp_path)


def config() -> Config:
    rows = [
        {"name": "joint", "recipe": "joint", "seed": 1},
        {"name": "joint_2", "recipe": "joint", "seed": 2},
        {"name": "slow", "recipe": "joint", "trainer": {"learning_rate": 0.0005}},
    ]
    return Config.model_validate({"name": "test", "recipe": None, "baseline": None, "branches": rows})


def test_branches_that_differ_in_their_seed_count_as_one():
    assert [branch.name for branch in seeds_of(config(), ["joint", "joint_2"])] == ["joint", "joint_2"]
    assert [branch.name for branch in seeds_of(config(), None)] == ["slow"]


def test_branches_that_differ_in_more_are_an_error():
    with pytest.raises(OthersError, match="slow: it differs from joint in more than its seed"):
        seeds_of(config(), ["joint", "slow"])
    with pytest.raises(OthersError, match="valid names are joint, joint_2, slow"):
        seeds_of(config(), ["jiont"])
