"""`~` in every option that names a file or folder is the home folder, also where the shell leaves it alone."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from experiments.command_line import app
from pipeline.command_line.options import check_folder, in_home, with_options
from pipeline.errors import RunsError

PLACES = {
    *("simulate --out", "world --logs", "world --out", "adapt-kuairand --source", "adapt-kuairand --out"),
    *("check-logs --logs", "ingest --logs", "ingest --out", "runs slices --csv", "serve --models"),
    *("score --request", "score --save"),
    *("ab analyze --ingested", "ab analyze --csv", "ab analyze --json", "ab analyze --picture"),
    *("experiment table1 --out", "experiment ablation --out", "experiment transfer --out", "tune --out"),
    *("ab power --ingested", "ab power --csv", "ab power --picture", "ab simulate --out"),
    *("ab off-policy --ingested", "ab off-policy --scores", "ab off-policy --csv"),
    *("experiment finetune --out", "compare --csv", "compare --html", "report --out", "run --json"),
}


def options(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any, Any]]:
    """Every option of a command and the commands below it: its name as `command --option`, its command, and itself."""
    for parameter in command.params:
        yield " ".join((*path, parameter.opts[0])), command, parameter
    for name, below in getattr(command, "commands", {}).items():
        yield from options(below, (*path, name))


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ("~/logs", "/home/me/logs"),
        ("~", "/home/me"),
        ("a/~/b", "a/~/b"),
        ("s3://bucket//logs", "s3://bucket//logs"),
        ("~nobody-of-this-name/x", "~nobody-of-this-name/x"),
        (Path("~/x.json"), Path("/home/me/x.json")),
        (None, None),
    ],
)
def test_a_tilde_is_the_home_folder(monkeypatch: pytest.MonkeyPatch, given: Any, path: Any):
    monkeypatch.setenv("HOME", "/home/me")
    assert in_home(given) == path


def test_every_option_that_names_a_place_expands_it(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HOME", "/home/me")
    paths = {
        name: option.process_value(typer.Context(command), "~/x")
        for name, command, option in options(typer.main.get_command(app))
        if option.metavar in ("DIR", "FILE")
    }
    assert paths.keys() == PLACES
    assert set(map(str, paths.values())) == {"/home/me/x"}


def test_options_follow_the_overrides_and_only_those_that_were_given():
    overrides = with_options(["seed=1"], {"logs": "a b", "simulation.seed": 3, "simulation.preset": None})
    assert overrides == ["seed=1", 'logs="a b"', "simulation.seed=3"]


def test_a_file_in_a_folder_that_is_not_there(tmp_path: Path):
    check_folder("--csv", tmp_path / "a.csv")
    check_folder("--csv", None)
    with pytest.raises(RunsError, match=rf"^--csv {tmp_path}/none/a.csv: there is no folder {tmp_path}/none; make it"):
        check_folder("--csv", tmp_path / "none/a.csv")
    with pytest.raises(RunsError, match=rf"^--csv {tmp_path}: this is a folder; name a file$"):
        check_folder("--csv", tmp_path)
