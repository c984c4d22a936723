"""`-c NAME`: a file of that path, else a shipped config of that name."""

from pathlib import Path

import pytest

from pipeline.configuration import shipped
from pipeline.configuration.shipped import config_file, shipped_configs
from pipeline.errors import ConfigError

REPOSITORY = Path(__file__).resolve().parents[3]


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))


def test_the_repositorys_configs_are_shipped():
    assert {"default", "kuairand", "study", "tiny"} <= shipped_configs().keys()
    assert set(shipped_configs().values()) == set((REPOSITORY / "configs").glob("*.yaml"))
    assert config_file("tiny") == REPOSITORY / "configs/tiny.yaml"


def test_a_file_of_the_user_comes_first(tmp_path: Path):
    (tmp_path / "tiny").write_text("name: mine")
    assert config_file("tiny") == Path("tiny")


def test_a_folder_of_that_name_is_no_config(tmp_path: Path):
    (tmp_path / "tiny").mkdir()
    assert config_file("tiny") == REPOSITORY / "configs/tiny.yaml"


def test_a_tilde_is_the_home_folder(tmp_path: Path):
    (tmp_path / "home").mkdir()
    (tmp_path / "home/my.yaml").touch()
    assert config_file("~/my.yaml") == tmp_path / "home/my.yaml"


@pytest.mark.parametrize("name", ["tinny", "configs/tiny.yaml", "../configs/tiny", "tiny.yaml", ""])
def test_an_unknown_name_is_answered_with_the_shipped_ones(name: str):
    expected = f"^{name} is neither a file nor the name of a shipped config; name a YAML file, or one of default, "
    with pytest.raises(ConfigError, match=expected):
        config_file(name)


def test_an_installed_wheel_has_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "shipped").mkdir()
    (tmp_path / "shipped/mine.yaml").touch()
    monkeypatch.setattr(shipped, "_FOLDERS", (tmp_path / "shipped", REPOSITORY / "configs"))
    assert shipped_configs() == {"mine": tmp_path / "shipped/mine.yaml"}
