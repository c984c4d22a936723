"""Every list of our packages equals the one in `files/packages.py`; no tool reads the list of another."""

import re
import sys
from pathlib import Path

import pytest

from files.packages import OUR_PACKAGES, written_by_us
from tests.repository.test_arrows import MAY_IMPORT

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).resolve().parents[2]
TOOLS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]
UNSHIPPED = {"benchmarks", "tests"}


def listed() -> dict[str, set[str]]:
    """The packages in each list, without what the list has beside our packages."""
    (filter_,) = [line for line in TOOLS["pytest"]["ini_options"]["filterwarnings"] if line.startswith("error")]
    return {
        "wheel": set(TOOLS["hatch"]["build"]["targets"]["wheel"]["only-include"]) - {"configs"},
        "ruff": set(TOOLS["ruff"]["lint"]["isort"]["known-first-party"]) - UNSHIPPED,
        "mypy": set(TOOLS["mypy"]["packages"]) - UNSHIPPED,
        "pytest": set(re.findall(r"\w+", filter_.partition("(")[2].partition(")")[0])) - UNSHIPPED,
        "arrows": set(MAY_IMPORT),
        "Dockerfile": set(re.findall(r"^COPY (\w+) \./\1$", (ROOT / "Dockerfile").read_text(), re.MULTILINE))
        - {"configs"},
        ".dockerignore": set(re.findall(r"^!(\w+)$", (ROOT / ".dockerignore").read_text(), re.MULTILINE))
        - {"LICENSE", "configs"},
    }


@pytest.mark.parametrize("where", listed())
def test_every_list_of_our_packages_is_the_same(where: str):
    assert listed()[where] == set(OUR_PACKAGES)


def test_types_and_imports_of_tests_and_benchmarks_are_checked_too():
    assert set(TOOLS["mypy"]["packages"]) >= UNSHIPPED
    assert set(TOOLS["ruff"]["lint"]["isort"]["known-first-party"]) >= UNSHIPPED


def test_our_packages_are_the_folders_with_code():
    folders = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert folders - UNSHIPPED == set(OUR_PACKAGES)


@pytest.mark.parametrize(
    ("path", "ours"),
    [
        ("pipeline/pipeline.py", True),
        ("components/evaluation/curve.py", True),
        (
            ".venv/lib/python3.10/site-packages/tensorflow/python/models/x.py",
            False,
        ),  # `models` is a folder of others too
        ("pipelines/x.py", False),
        ("pipeline/../other.py", False),
        ("", False),
    ],
)
def test_a_file_is_ours_by_its_place_below_the_folder_of_our_packages(path: str, ours: bool):
    assert written_by_us(str(ROOT / path)) is ours
    assert not written_by_us(str(ROOT.parent / path))
