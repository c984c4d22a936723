"""`coldcast config`: every key with what it means, and a file that is the config it was made of."""

from pathlib import Path

import pytest
import yaml
from pydantic import BaseModel

from pipeline.command_line.settings import config
from pipeline.configuration.config import Config
from pipeline.configuration.described import as_yaml
from pipeline.configuration.file import load_config

FOLDER = Path(__file__).resolve().parents[3] / "configs"
CONFIGS = sorted(FOLDER.rglob("*.yaml"))


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.name)
def test_what_is_printed_is_the_config(path: Path):
    loaded = load_config(path)
    assert Config.model_validate(yaml.safe_load(as_yaml(loaded))) == loaded


def test_a_copy_under_another_name_has_its_own_places():
    tiny = load_config(FOLDER / "tiny.yaml")
    printed = as_yaml(tiny, remarks=tiny.places_of_the_name)
    assert "# root: work/tiny\n" in printed
    assert Config.model_validate(yaml.safe_load(printed)) == tiny
    copy = Config.model_validate(yaml.safe_load(printed.replace("name: tiny", "name: other")))
    assert (copy.root, copy.logs) == ("work/other", "work/other/logs")
    moved = load_config(FOLDER / "tiny.yaml", ["root=elsewhere"])
    assert moved.places_of_the_name == {"logs"}
    assert "\nroot: elsewhere\n" in as_yaml(moved, remarks=moved.places_of_the_name)


def test_every_key_is_printed_below_what_it_means():
    tiny = load_config(FOLDER / "tiny.yaml")
    lines = as_yaml(tiny).splitlines()
    assert all(len(line) <= 120 for line in lines)
    number = 0

    def check(section: BaseModel, indent: str) -> None:
        nonlocal number
        for name in type(section).model_fields:
            number = next(at for at in range(number, len(lines)) if lines[at].startswith(f"{indent}{name}:"))
            assert lines[number - 1].lstrip().startswith("# "), lines[number]
            if isinstance(value := getattr(section, name), BaseModel):
                check(value, indent + "  ")

    check(tiny, "")
    assert number > 80


def test_the_keys_of_rows_are_described_once_above_the_table():
    lines = as_yaml(Config()).splitlines()
    labels = lines.index("labels:")
    assert [line.partition(":")[0] for line in lines[labels - 4 : labels] if line.startswith("# - ")] == [
        "# - kind",
        "# - window_hours",
        "# - min_stream_seconds",
    ]
    assert "  stream: {kind: stream, window_hours: 24.0, min_stream_seconds: 60.0}" in lines


def test_the_command_prints_what_can_be_redirected_into_a_file(capsys: pytest.CaptureFixture[str]):
    config(config=str(FOLDER / "tiny.yaml"), overrides=["trainer.epochs=3"])
    printed = yaml.safe_load(capsys.readouterr().out)
    assert (printed["name"], printed["trainer"]["epochs"]) == ("tiny", 3)
