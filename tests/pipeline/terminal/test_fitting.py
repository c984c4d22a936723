"""Columns are chosen by the width of the screen; no word and no figure is cut."""

import pytest

from files.packages import OUR_PACKAGES, ROOT
from pipeline.terminal.fitting import TableColumn, fitting, show_columns
from tests.pipeline.terminal.screens import Screen

APS = [
    TableColumn("label", ["stream", "long_stream"]),
    TableColumn("base rate", ["5.58%", "0.78%"], right=True, rank=2),
    TableColumn("positives", ["1,234", "87"], right=True, rank=3),
    TableColumn("joint", ["0.2875 [0.241, 0.330]", "0.1251 *"], right=True, rank=1, short=["0.2875", "0.1251 *"]),
]
# Widths: label 11, base rate 5 (in two lines), positives 9, joint 21 whole and 8 short; 2 between columns.


@pytest.mark.parametrize(
    ("width", "shown"),
    [
        (52, ["label", "base rate", "positives", "joint"]),
        (51, ["label", "base rate", "joint"]),
        (41, ["label", "base rate", "joint"]),
        (40, ["label", "joint"]),
        (34, ["label", "joint"]),
    ],
)
def test_columns_of_the_greatest_rank_go_first(width: int, shown: list[str]):
    columns = fitting(APS, width)
    assert [column.heading for column in columns] == shown
    assert columns[-1].cells[0] == "0.2875 [0.241, 0.330]"


def test_short_cells_stand_in_and_leave_no_room_for_columns_of_greater_ranks():
    columns = fitting(APS, 33)  # with the base rate, 11 + 2 + 5 + 2 + 8 = 28
    assert [column.heading for column in columns] == ["label", "joint"]
    assert columns[-1].cells == ["0.2875", "0.1251 *"]


@pytest.mark.parametrize("width", [21, 5])
def test_columns_without_a_rank_stay_whole_where_they_do_not_fit(width: int):
    assert [column.heading for column in fitting(APS, width)] == ["label", "joint"]
    screen = Screen(width)
    show_columns(screen, APS)
    assert "long_stream  0.1251 *" in screen.text.splitlines()[-1]


@pytest.mark.parametrize(
    ("heading", "cell", "lines"),
    [
        ("base rate", "12.34%", ["base", "rate"]),
        ("base rate", "123456789", ["base rate"]),
        ("promotions_only", "0.2200", ["promotions_", "only"]),
        ("a_joint_model_of_mine", "0.22 [0.1]", ["a_joint_", "model_of_", "mine"]),
        ("x", "0.2200", ["x"]),
    ],
)
def test_headings_break_at_spaces_and_underscores_only(heading: str, cell: str, lines: list[str]):
    assert TableColumn(heading, [cell]).lines.split("\n") == lines


def test_cells_are_plain_text_and_titles_are_broken_between_words():
    screen = Screen(20)
    show_columns(
        screen, [TableColumn("[bold]", ["logs[/x]", "two\nlines"])], title="a title and /a/path/that-is-too-wide"
    )
    assert [line.rstrip() for line in screen.text.splitlines()] == [
        "a title and",
        "/a/path/that-is-too-wide",
        "[bold]",
        "────────",
        "logs[/x]",
        "two",
        "lines",
    ]


def test_a_table_apart_has_an_empty_line_before_it():
    screen = Screen(20)
    show_columns(screen, [TableColumn("run", [])], title="runs", apart=True)
    assert [line.rstrip() for line in screen.text.splitlines()][:3] == ["", "runs", "run"]


def test_a_table_without_rows_has_its_headings():
    screen = Screen(20)
    show_columns(screen, [TableColumn("run", []), TableColumn("state", [])])
    assert screen.text.splitlines()[0] == "run  state"


def test_every_table_on_the_screen_chooses_its_columns_by_width():
    others = [path for package in OUR_PACKAGES for path in (ROOT / package).rglob("*.py") if path.name != "fitting.py"]
    assert others
    assert [path for path in others if "rich.table" in path.read_text(encoding="utf-8")] == []
