"""A terminal that cannot encode a character shows another in its place; it never ends a command."""

import io
import os
import subprocess
import sys

import pytest
from rich.console import Console

from pipeline.terminal.screen import encodable, say_sentence
from tests.pipeline.terminal.screens import Screen

CODE = r"""
import sys
from rich.console import Console
from rich.progress import track
from pipeline.terminal.fitting import TableColumn, show_columns
from pipeline.terminal.screen import console, say
screen = console()
say(screen, "✓ passed ✗ failed … é \udce9.parquet 東")
show_columns(screen, [TableColumn("é", ["✓"])], title="…")
list(track([1, 2], console=screen))
Console(stderr=True).print("[bold]é[/] ✗")
"""


@pytest.mark.parametrize(
    ("encoding", "line", "heading"),
    [
        ("ascii", r"+ passed x failed ... ? \xe9.parquet ?", "?"),
        ("latin-1", r"+ passed x failed ... é \xe9.parquet ?", "é"),
        ("utf-8", r"✓ passed ✗ failed … é \xe9.parquet 東", "é"),
    ],
)
def test_characters_that_cannot_be_encoded_are_replaced(encoding: str, line: str, heading: str):
    environment = os.environ | {"PYTHONIOENCODING": encoding}
    finished = subprocess.run([sys.executable, "-c", CODE], env=environment, capture_output=True)
    assert finished.returncode == 0, finished.stderr
    shown = finished.stdout.decode(encoding).splitlines()
    assert shown[0] == line
    assert shown[2].rstrip() == heading
    assert finished.stderr.decode(encoding).startswith(heading)


def test_sentences_break_between_words_on_a_terminal_only():
    sentence = "a sentence of several words and /one/path-that/is/longer/than/a-line"
    screen = Screen(20)
    say_sentence(screen, sentence, first="  - ", others="    ")
    assert screen.text.splitlines() == [
        *("  - a sentence of", "    several words", "    and", "    /one/path-that/is/longer/than/a-line")
    ]
    file = Console(file=io.StringIO(), width=20)
    say_sentence(file, sentence)
    assert file.file.getvalue() == f"{sentence}\n"  # type: ignore[attr-defined]


@pytest.mark.parametrize("arguments", [["--help"], ["run", "--help"], ["runs", "show", "--set", "root=/nowhere/é"]])
def test_no_command_needs_utf_8(arguments: list[str]):
    environment = os.environ | {"PYTHONIOENCODING": "ascii"}
    command = [sys.executable, "-c", "from pipeline.command_line.main import main; main()", *arguments]
    finished = subprocess.run(command, env=environment, capture_output=True)
    assert b"Traceback" not in finished.stderr
    assert (finished.stdout + finished.stderr).decode("ascii")


def test_a_reader_of_the_same_stream_gets_bytes_that_are_not_utf_8_replaced(monkeypatch: pytest.MonkeyPatch):
    # TensorFlow writes such bytes to standard error; pytest's capture reads them through the stream that we changed.
    captured = io.TextIOWrapper(io.BytesIO(b"\xff kept"), "utf-8")
    monkeypatch.setattr(sys, "stderr", captured)
    encodable()
    assert captured.read() == "\N{REPLACEMENT CHARACTER} kept"
