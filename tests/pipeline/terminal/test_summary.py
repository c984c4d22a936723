from datetime import datetime, timezone
from pathlib import Path
from types import SimpleNamespace

import pytest

from components.evaluation.blessing import Blessing
from pipeline.configuration.config import Config
from pipeline.metadata.records import Node, Output, Run
from pipeline.terminal import summary
from pipeline.terminal.summary import is_published, show_summary
from tests.components.ingestion.object_store import ObjectStore
from tests.pipeline.terminal.evaluations import JOINT, PROMOTIONS_ONLY, evaluation
from tests.pipeline.terminal.screens import Screen

STARTED = datetime(2026, 1, 5, tzinfo=timezone.utc)


def node(node_id: str, state: str, **outputs: Output) -> Node:
    return Node(node_id, state, 1.0, {key: (output,) for key, output in outputs.items()})


def judged(branch: str) -> Node:
    outputs = {"evaluation": Output(branch, {}), "blessing": Output(f"{branch}/blessing", {})}
    return node(f"Evaluator.{branch}", "complete", **outputs)


def verdict(value: float | None, *, judged: bool = True, sentence: str = "ad_stream on ad") -> SimpleNamespace:
    passed = value is None or value >= 1
    return SimpleNamespace(value=value, passed=passed, candidate=SimpleNamespace(judged=judged), sentence=sentence)


def shown(config: Config, *nodes: Node, width: int = 120, conditions: bool = False) -> str:
    screen = Screen(width)
    show_summary(screen, config, Run("a", STARTED, nodes, ended=True), conditions=conditions)
    return screen.text


@pytest.fixture
def outcomes(monkeypatch: pytest.MonkeyPatch) -> dict[str, Blessing]:
    """The blessing of each branch, to be filled in; every branch has some evaluation."""
    blessings: dict[str, Blessing] = {}
    heads = {"promotions_only": PROMOTIONS_ONLY}
    monkeypatch.setattr(summary, "load", lambda uri: evaluation(heads.get(uri, JOINT), 0.2))
    monkeypatch.setattr(summary, "blessing", lambda uri, _: blessings[uri])
    return blessings


def test_branches_of_the_config_come_first_and_branches_that_left_it_are_shown_too(tmp_path, outcomes):
    outcomes |= dict.fromkeys(("promotions_only", "joint", "gone"), Blessing(True, (), (verdict(1.0),)))
    text = shown(Config(root=str(tmp_path)), judged("gone"), judged("joint"), judged("promotions_only"))
    headings = [line.split()[-3:] for line in text.splitlines() if line.startswith("label")]
    assert headings == [
        ["joint", "promotions_only", "change"],
        ["gone", "promotions_only", "change"],
        ["joint", "gone", "promotions_only"],  # the calibration of all
    ]
    assert [line for line in text.splitlines() if line.endswith(": blessed")] == [
        f"{name}: blessed" for name in ("promotions_only", "joint", "gone")
    ]


def test_a_run_that_judged_no_model_is_shown(tmp_path):
    assert "No model was judged in this run.\n" in shown(Config(root=str(tmp_path)), node("Trainer.joint", "failed"))


@pytest.mark.parametrize(
    ("properties", "model"),
    [({"pushed_destination": "/m/pooled/17", "push_message": "x"}, "/m/pooled"), ({"push_message": "x"}, "/t/model")],
)
def test_the_model_of_a_run_is_the_one_that_it_made(tmp_path, properties, model):
    trainer = node("Trainer.joint", "complete", model=Output("/t/model", {}))
    pusher = node("AtomicPusher", "complete", pushed_model=Output("there", properties))
    assert f"  model             {model}\n" in shown(Config(root=str(tmp_path)), trainer, pusher)


@pytest.mark.parametrize(
    ("states", "state"),
    [
        (("complete", "failed"), "failed"),
        (("complete", "cached"), "complete"),
        (("cached", "cached"), "cached"),
    ],
)
def test_the_state_of_a_run_follows_from_the_states_of_its_nodes(states, state):
    nodes = tuple(node(f"s{number}", state) for number, state in enumerate(states))
    assert Run("a", STARTED, nodes, ended=True).state == state


@pytest.mark.parametrize("states", [(), ("complete",), ("cached", "running"), ("complete", "canceled")])
def test_a_run_that_did_not_end_is_unfinished_unless_a_node_failed(states):
    nodes = tuple(node(f"s{number}", state) for number, state in enumerate(states))
    assert Run("a", STARTED, nodes, ended=False).state == "unfinished"
    assert Run("a", STARTED, (*nodes, node("last", "failed")), ended=False).state == "failed"


@pytest.mark.parametrize(("outcome", "state"), [("published", "complete"), ("already there", "cached")])
def test_a_pusher_that_had_nothing_to_do_does_not_count(outcome, state):
    nodes = (node("Transform", "cached"), node("Resolver.joint", "complete"))
    pushed = node("AtomicPusher", "complete", pushed_model=Output("there", {"push_outcome": outcome}))
    assert Run("a", STARTED, (*nodes, pushed), ended=True).state == state


def published(config: Config, version: str) -> bool:
    folder = Path(config.models.removeprefix("objects:/"), version)
    folder.mkdir(parents=True)
    (folder / "saved_model.pb").touch()
    return is_published(config)


@pytest.mark.parametrize("root", ["", f"{ObjectStore.scheme()}:/"])
def test_a_published_version_is_found_on_a_disk_and_in_an_object_store(tmp_path: Path, root: str):
    config = Config.model_validate({"pusher": {"directory": f"{root}{tmp_path}/models"}})
    assert not is_published(config)
    assert not published(config, ".pushing-1")
    assert published(config, "1795492478")


@pytest.mark.parametrize(
    ("verdicts", "line"),
    [
        (
            [verdict(1.0)] * 20 + [verdict(None, judged=False)] * 3 + [verdict(None)],
            "20 passed, 3 had too few positives to judge, 1 had no blessed model before to compare with\n",
        ),
        ([verdict(1.0)] * 20, "20 passed\n"),
    ],
)
def test_a_blessing_counts_its_conditions_and_names_no_zero(outcomes, verdicts: list[SimpleNamespace], line: str):
    outcomes["joint"] = Blessing(True, (), tuple(verdicts))
    assert f"joint: blessed\n  conditions: {line}" in shown(Config(), judged("joint"))


def test_a_model_that_is_not_blessed_has_the_reasons(outcomes):
    outcomes["joint"] = Blessing(False, ("AP is too low.",), (verdict(1.0), verdict(0.5)))
    assert "joint: not blessed\n  AP is too low.\n" in shown(Config(), judged("joint"))


def test_every_condition_of_the_pushed_branch_is_shown_if_wanted(outcomes):
    same = [verdict(0.5, sentence="two")] * 3
    verdicts = (verdict(1.0, sentence="one"), *same, verdict(None, sentence="three"))
    outcomes |= dict.fromkeys(("joint", "promotions_only"), Blessing(False, ("two",), verdicts))
    text = shown(Config(), judged("promotions_only"), judged("joint"), conditions=True)
    assert (
        "promotions_only: not blessed\n  two\njoint: not blessed\n  ✓ one\n  ✗ two (3 conditions)\n  - three\n" in text
    )
