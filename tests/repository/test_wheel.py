"""The wheel, installed as in the image: into `site-packages`, with nothing of the repository beside it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from files.packages import OUR_PACKAGES

ROOT = Path(__file__).resolve().parents[2]
COLDCAST = "from pipeline.command_line.main import main; main()"


@pytest.fixture(scope="module")
def site_packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("installed")
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    target = folder / "site-packages"
    install = ["install", "--quiet", "--no-deps", "--no-index", "--no-compile", "--target", str(target), str(wheel)]
    subprocess.run([sys.executable, "-m", "pip", *install], check=True, capture_output=True)
    return target


@pytest.fixture
def call(site_packages: Path, tmp_path: Path):
    def run(code: str, *arguments: str) -> str:
        environment = os.environ | {"PYTHONPATH": str(site_packages)}
        command = [sys.executable, "-c", code, *arguments]
        finished = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
        assert finished.returncode == 0, finished.stderr
        return finished.stdout

    return run


def test_the_installed_code_runs_and_not_the_repositorys(call, site_packages: Path):
    assert call("import pipeline; print(pipeline.__file__)") == f"{site_packages}/pipeline/__init__.py\n"


def test_a_warning_of_installed_code_of_ours_is_on_the_screen_and_one_of_a_library_in_the_log(call, tmp_path: Path):
    code = (
        "import pathlib, warnings, rich, files.paths\n"
        "from pipeline.terminal import quiet\n"
        "with quiet.into(pathlib.Path('log')):\n"
        "    warnings.warn_explicit('of ours', UserWarning, files.paths.__file__, 1)\n"
        "    warnings.warn_explicit('of a library', UserWarning, rich.__file__, 1)\n"
    )
    screen, log = call(code), (tmp_path / "log").read_text()
    assert "of ours" in screen
    assert "of a library" not in screen
    assert "of a library" in log
    assert "of ours" not in log


@pytest.mark.parametrize("name", ["default", "kuairand", "study", "tiny"])
def test_shipped_configs_are_read_by_name_in_an_empty_folder(call, name: str):
    assert f"\nname: {name}\n" in call(COLDCAST, "config", "-c", name)


def test_the_default_config_needs_no_name(call):
    assert call(COLDCAST, "config") == call(COLDCAST, "config", "--config", "default")


def test_every_file_of_our_packages_that_is_not_code_is_shipped(site_packages: Path):
    def others(folder: Path) -> set[str]:
        paths = (path.relative_to(folder) for package in OUR_PACKAGES for path in (folder / package).rglob("*.*"))
        return {
            str(path) for path in paths if path.suffix not in (".py", ".pyc") and path.parts[1] != "shipped_configs"
        }

    assert "serving/deploy/compose.yaml" in others(site_packages)
    assert others(site_packages) == others(ROOT)
