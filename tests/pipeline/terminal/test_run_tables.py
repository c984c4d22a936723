"""Tables of runs in 80 columns and more: no column that you need is cut."""

from datetime import datetime, timezone

import pytest

from pipeline.metadata.records import Node, Output, Run, RunNotes
from pipeline.terminal.run_tables import show_nodes, show_runs, show_times
from tests.pipeline.terminal.screens import Screen

STARTED = datetime(2026, 11, 24, 4, 20, 46, tzinfo=timezone.utc)
ID = "2026-11-24T04:20:46.900204"


def a_screen(width: int = 80) -> Screen:
    return Screen(width)


@pytest.fixture
def screen() -> Screen:
    return a_screen()


def lines(screen: Screen) -> list[str]:
    text = screen.text
    assert "…" not in text
    assert all(len(line) <= screen.width for line in text.splitlines())
    return text.splitlines()


def evaluated(branch: str, blessed: int) -> Node:
    return Node(f"Evaluator.{branch}", "complete", 12_345.0, {"blessing": (Output("there", {"blessed": blessed}),)})


def pushed(outcome: str, model: str = "coldcast") -> Node:
    properties = {"push_outcome": outcome, "pushed_destination": f"models/{model}/1795492478"}
    return Node("AtomicPusher", "complete", 1.0, {"pushed_model": (Output("there", properties),)})


def test_runs_are_listed_with_ids_to_type_and_their_blessed_branches(screen: Screen):
    cached = [Node(f"s{number}", "cached", 1.0) for number in range(15)]
    both = (evaluated("joint", 1), evaluated("promotions_only", 1), pushed("published"))
    unfinished = (evaluated("promotions_only", 0), evaluated("joint", 1), Node("Trainer.x", "running", 1.0))
    again = "2026-11-24T05:00:00.000001"
    show_runs(
        screen,
        [
            Run(ID, STARTED, (*cached, *both), ended=True),
            Run(again, STARTED, (*unfinished, pushed("not_blessed")), ended=False),
        ],
    )
    shown = [line.split() for line in lines(screen)]
    first = shown.index(["2026-11-24T04:20:46", "complete", "3+15", "24691", "joint", "1795492478"])
    assert shown[first + 1] == ["promotions_only"]
    assert shown[first + 2] == ["2026-11-24T05:00:00", "unfinished", "4+0", "24692", "joint"]


@pytest.mark.parametrize(
    ("width", "columns"),
    [
        (60, ["run", "state", "seconds", "published"]),
        (80, ["run", "state", "seconds", "blessed", "published"]),
        (100, ["run", "state", "cached", "seconds", "blessed", "published"]),
        (120, ["run", "state", "cached", "seconds", "blessed", "published"]),
    ],
)
def test_a_narrow_screen_leaves_out_whole_columns(width: int, columns: list[str]):
    screen = a_screen(width)
    nodes = (evaluated("promotions_only", 1), pushed("published", "pooled"))
    show_runs(screen, [Run(ID, STARTED, nodes, ended=True), Run("x", STARTED, (pushed("published"),), ended=True)])
    shown = lines(screen)
    assert next(line.split() for line in shown if line.startswith("run ")) == columns
    assert next(line.split() for line in shown if line.startswith(ID[:19]))[-1] == "pooled/1795492478"


def test_runs_of_the_same_second_are_listed_with_whole_ids(screen: Screen):
    other = "2026-11-24T04:20:46.900205"
    show_runs(
        screen,
        [
            Run(ID, STARTED, (), ended=True),
            Run(other, STARTED, (evaluated("joint", 1), pushed("published")), ended=True),
        ],
    )
    assert [line.split()[0] for line in lines(screen)[-2:]] == [ID, other]


def test_trials_and_models_of_other_names_are_marked(screen: Screen):
    nodes = [pushed("published"), pushed("published", "pooled"), pushed("already_published"), evaluated("joint", 1)]
    show_runs(screen, [Run(f"{number}", STARTED, (node,), ended=True) for number, node in enumerate(nodes)])
    assert [line.split()[-1] for line in lines(screen)[-4:]] == [
        *("coldcast/1795492478", "pooled/1795492478"),
        "1",  # seconds; the model of this run was published before
        "trial",
    ]


def test_a_run_is_shown_with_its_command_and_the_error_that_stopped_it(screen: Screen):
    notes = RunNotes(
        command="coldcast run -c c.yaml --set seed=8", log="work/c/messages/run.log", error="no [rows] are left"
    )
    show_nodes(screen, Run(ID, STARTED, (), ended=False, notes=notes))
    shown = lines(screen)
    assert shown[0] == f"run {ID}: unfinished"
    assert "started by: coldcast run -c c.yaml --set seed=8" in shown
    assert "stopped by: no [rows] are left" in shown
    assert "log of the libraries: work/c/messages/run.log" in shown


def test_nodes_are_named_whole(screen: Screen):
    where = "work/default/artifacts/DistributionValidator.train_test/anomalies/6"
    node = Node("DistributionValidator.train_test", "cached", 0.0, {"anomalies": (Output(where, {}),)})
    show_nodes(screen, Run(ID, STARTED, (node,), ended=True))
    shown = lines(screen)
    assert ["DistributionValidator.train_test", "cached", "0.0"] in [line.split() for line in shown]
    assert f"  {where}" in shown


def test_the_seconds_of_nodes_are_listed_the_longest_first(screen: Screen):
    seconds = {"Ingestion": 3.4, "Split": 0.4, "Resolver.x": 0.1, "DistributionValidator.train_test": 1.0}
    nodes = [Node(node, "complete", took) for node, took in seconds.items()]
    whole = (*nodes, Node("Trainer.joint", "complete", 21.6), Node("T", "cached", 9.0))
    show_times(screen, Run(ID, STARTED, whole, ended=True))
    assert lines(screen) == [
        "seconds by node, 26 in all: Trainer.joint 22, Ingestion 3,",
        "DistributionValidator.train_test 1, 2 below a second, 1 cached",
    ]
