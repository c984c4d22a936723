import io
import re

import pytest
from rich.console import Console

from benchmarks.others import environments
from benchmarks.others.environments import LIBRARIES, environment, python_of, requirements
from benchmarks.others.errors import OthersError


@pytest.fixture
def uv(tmp_path, monkeypatch):
    """A uv that writes down its calls, and fails to install if there is a file `broken`."""
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin" / "uv"
    program.write_text(
        f'#!/bin/sh\necho "$1" >> {tmp_path}/calls\n[ "$1" = venv ] && mkdir -p "$6"\n'
        f'[ "$1" = pip ] && [ -e {tmp_path}/broken ] && {{ echo "no such package" >&2; exit 1; }}\nexit 0\n'
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:/usr/bin:/bin")
    return tmp_path


def made(folder) -> str:
    return str(python_of("deepctr", Console(file=io.StringIO()), folder / "environments"))


@pytest.mark.parametrize("library", LIBRARIES)
def test_every_requirement_has_one_version(library):
    lines = [line for line in requirements(library).read_text().splitlines() if not line.startswith("#")]
    assert any(line.startswith(f"{library}==") for line in lines)
    assert all(re.match(r"[a-z0-9-]+==[0-9]", line) for line in lines)


def test_an_environment_is_made_once(uv):
    assert made(uv) == made(uv) == f"{environment('deepctr', uv / 'environments')}/bin/python"
    assert (uv / "calls").read_text().split() == ["--version", "venv", "pip"]


def test_an_install_that_failed_is_tried_again(uv):
    (uv / "broken").touch()
    with pytest.raises(OthersError, match="no such package"):
        made(uv)
    (uv / "broken").unlink()
    made(uv)
    assert (uv / "calls").read_text().split().count("pip") == 2


def test_other_requirements_make_another_environment(uv, monkeypatch):
    first = environment("deepctr")
    changed = uv / "requirements.txt"
    changed.write_text("deepctr==0.9.3\n")
    monkeypatch.setattr(environments, "requirements", lambda library: changed)
    assert environment("deepctr") != first


def test_without_uv_the_message_says_how_to_get_it(uv, monkeypatch):
    (uv / "bin" / "uv").write_text("#!/bin/sh\nexit 127\n")  # a shim of a version manager
    monkeypatch.setattr(environments, "REPOSITORY", uv)
    with pytest.raises(OthersError, match="run `make setup`, or install uv"):
        made(uv)
