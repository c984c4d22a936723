"""`coldcast config`: every key with what it means, and a file that is the config it was made of."""

from pathlib import Path

import pytest
import yaml
from pydantic import BaseModel

from pipeline.command_line.settings import config
from pipeline.configuration.config import Config
from pipeline.configuration.described import as_yaml
from pipeline.configuration.file import load_config

FOLDER = Path(__file__).resolve().parents[2] / "configs"
CONFIGS = sorted(FOLDER.glob("*.yaml"))


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.name)
def test_what_is_printed_is_the_config(path: Path):
    loaded = load_config(path)
    assert Config.model_validate(yaml.safe_load(as_yaml(loaded))) == loaded


def test_a_copy_under_another_name_has_its_own_places():
    tiny = load_config(FOLDER / "tiny.yaml")
    printed = as_yaml(tiny, remarks=tiny.of_the_name)
    assert "# root: work/tiny\n" in printed
    assert Config.model_validate(yaml.safe_load(printed)) == tiny
    copy = Config.model_validate(yaml.safe_load(printed.replace("name: tiny", "name: other")))
    assert (copy.root, copy.logs) == ("work/other", "work/other/logs")
    moved = load_config(FOLDER / "tiny.yaml", ["root=elsewhere"])
    assert moved.of_the_name == {"logs"}
    assert "\nroot: elsewhere\n" in as_yaml(moved, remarks=moved.of_the_name)


def test_every_key_is_there_and_says_what_it_means():
    lines = as_yaml(load_config(FOLDER / "tiny.yaml")).splitlines()
    assert all(len(line) <= 120 for line in lines)
    keys = [number for number, line in enumerate(lines) if not line.lstrip().startswith(("#", "-", "labels:"))]

    def names(section: BaseModel) -> list[str]:
        fields = [(name, getattr(section, name)) for name in type(section).model_fields]
        below = (names(value) if isinstance(value, BaseModel) else [] for _, value in fields)
        return [name for (name, _), nested in zip(fields, below, strict=True) for name in (name, *nested)]

    of_lists = {"sources", "tiers", "max_relative_drop", "max_absolute_drop"}  # of a tolerance's own lines
    printed = [lines[number].partition(":")[0].strip() for number in keys]
    assert [name for name in printed if name not in of_lists] == names(load_config(FOLDER / "tiny.yaml"))
    for number in keys:
        if lines[number].partition(":")[0].strip() not in of_lists:
            assert lines[number - 1].lstrip().startswith("# "), lines[number]


def test_the_command_prints_what_can_be_redirected_into_a_file(capsys: pytest.CaptureFixture[str]):
    config(config=str(FOLDER / "tiny.yaml"), overrides=["trainer.epochs=3"])
    printed = yaml.safe_load(capsys.readouterr().out)
    assert (printed["name"], printed["trainer"]["epochs"]) == ("tiny", 3)
