"""Tables on a terminal of 80 columns: nothing that one needs is cut."""

import io
from datetime import datetime, timezone

import pytest
from rich.console import Console

from pipeline.check_logs import Report, TableReport
from pipeline.metadata.records import Node, Output, Run, RunNotes
from pipeline.terminal.tables import show_accounting, show_log_report, show_runs, show_stages, show_times

STARTED = datetime(2026, 11, 24, 4, 20, 46, tzinfo=timezone.utc)
ID = "2026-11-24T04:20:46.900204"


@pytest.fixture
def screen() -> Console:
    return Console(file=io.StringIO(), force_terminal=True, width=80, color_system=None)


def lines(screen: Console) -> list[str]:
    shown = screen.file.getvalue()
    assert "…" not in shown
    found = shown.splitlines()
    assert all(len(line) <= 80 for line in found)
    return found


def evaluated(recipe: str, blessed: int) -> Node:
    return Node(f"Evaluator.{recipe}", "complete", 12_345.0, {"blessing": (Output("there", {"blessed": blessed}),)})


def pushed(outcome: str, model: str = "coldcast") -> Node:
    properties = {"push_outcome": outcome, "pushed_destination": f"models/{model}/1795492478"}
    return Node("AtomicPusher", "complete", 1.0, {"pushed_model": (Output("there", properties),)})


def test_runs_are_listed_with_ids_to_type_and_with_what_became_of_their_models(screen: Console):
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


def test_runs_of_the_same_second_are_listed_with_whole_ids(screen: Console):
    other = "2026-11-24T04:20:46.900205"
    show_runs(
        screen,
        [
            Run(ID, STARTED, (), ended=True),
            Run(other, STARTED, (evaluated("joint", 1), pushed("published")), ended=True),
        ],
    )
    assert [line.split()[0] for line in lines(screen)[-2:]] == [ID, other]


def test_what_was_published_is_told_from_trials_and_models_of_other_names(screen: Console):
    runs = [pushed("published"), pushed("published", "pooled"), pushed("already_published"), evaluated("joint", 1)]
    show_runs(screen, [Run(f"{number}", STARTED, (stage,), ended=True) for number, stage in enumerate(runs)])
    ends = [line.split()[-1] for line in lines(screen)[-4:]]
    assert ends == ["coldcast/1795492478", "pooled/1795492478", "1", "trial"]


def test_a_run_is_shown_with_how_it_began_and_why_it_stopped(screen: Console):
    told = RunNotes(
        command="coldcast run -c c.yaml --set seed=8", log="work/c/messages/run.log", error="no [rows] are left"
    )
    show_stages(screen, Run(ID, STARTED, (), ended=False, notes=told))
    shown = lines(screen)
    assert "started by: coldcast run -c c.yaml --set seed=8" in shown
    assert "stopped by: no [rows] are left" in shown
    assert "log of the libraries: work/c/messages/run.log" in shown


def test_titles_stand_on_the_left_in_one_line_without_spaces_after_them(screen: Console):
    show_accounting(screen, {"interactions": {"in": 7}})
    show_stages(screen, Run(ID, STARTED, (), ended=False))
    assert "interactions: where every row went" in lines(screen)
    assert f"run {ID}: unfinished" in lines(screen)


def test_the_accounting_names_every_outcome(screen: Console):
    outcomes = ("in", "direct", "last_touch", "organic", "not_qualifying", "quarantined", "duplicate")
    show_accounting(screen, {"interactions": dict.fromkeys(outcomes, 1_234_567_890)})
    rows = [line.strip("│").split("│") for line in lines(screen) if line.startswith("│")]
    assert [tuple(cell.strip() for cell in row) for row in rows] == [(name, "1,234,567,890") for name in outcomes]


def test_stages_are_named_whole(screen: Console):
    where = "work/default/artifacts/DistributionValidator.train_test/anomalies/6"
    stage = Node("DistributionValidator.train_test", "cached", 0.0, {"anomalies": (Output(where, {}),)})
    show_stages(screen, Run(ID, STARTED, (stage,), ended=True))
    shown = lines(screen)
    assert ["DistributionValidator.train_test", "cached", "0.0"] in [line.split() for line in shown]
    assert f"  {where}" in shown


def test_the_seconds_of_stages_are_told_the_longest_first(screen: Console):
    seconds = {"Ingestion": 3.4, "Split": 0.4, "Resolver.x": 0.1, "DistributionValidator.train_test": 1.0}
    stages = [Node(node, "complete", took) for node, took in seconds.items()]
    whole = (*stages, Node("Trainer.joint", "complete", 21.6), Node("T", "cached", 9.0))
    show_times(screen, Run(ID, STARTED, whole, ended=True))
    assert lines(screen) == [
        "seconds by stage, 26 in all: Trainer.joint 22, Ingestion 3,",
        "DistributionValidator.train_test 1, 2 below a second, 1 cached",
    ]


def test_check_logs_names_every_reason_and_both_days(screen: Console):
    found = TableReport("interactions", 31, "2026-01-01", "2026-01-31", 124, 123_456_789)
    absent = TableReport("shows", 0, None, None, 4, 1_000)  # as of episodes, which have no days
    reasons = {"unknown_source": 1_893, "missing_listened_ms": 22}
    show_log_report(screen, Report("logs[/x]", [found, absent], quarantined={"interactions": reasons}))
    shown = lines(screen)
    assert shown[0] == "logs[/x]"
    assert ["shows", "4", "1,000", "not", "checked"] in [line.replace("│", " ").split() for line in shown]
    words = {word for line in shown for word in line.split()}
    assert {"1,893", "unknown_source", "22", "missing_listened_ms", "123,456,789"} <= words
    assert {"2026-01-01", "2026-01-31"} <= words
    assert {"not", "checked"} <= words, "no rows of shows were read, so that none are said to be good"
