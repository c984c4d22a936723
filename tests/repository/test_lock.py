"""`make setup` installs what uv.lock says: it must say what pyproject.toml asks for."""

import re
import sys
from pathlib import Path

from packaging.requirements import Requirement

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
METADATA = next(
    package["metadata"]
    for package in tomllib.loads((ROOT / "uv.lock").read_text())["package"]
    if package["name"] == "coldcast"
)


def asked(requirements: list[str]) -> set[tuple[str, str, str, str]]:
    """Name, extras, versions and marker of each requirement, however it is spelt."""
    parsed = map(Requirement, requirements)
    return {
        (one.name.lower(), ",".join(sorted(one.extras)), str(one.specifier), _marker(str(one.marker or "")))
        for one in parsed
    }


def locked(entries: list[dict]) -> set[tuple[str, str, str, str]]:
    return {
        (
            one["name"],
            ",".join(sorted(one.get("extras", ()))),
            one.get("specifier", ""),
            _marker(one.get("marker", "")),
        )
        for one in entries
    }


def _marker(marker: str) -> str:
    return re.sub("python_full_version", "python_version", marker).replace("'", '"')


def test_the_lock_is_of_the_dependencies_that_the_project_asks_for():
    assert locked(METADATA["requires-dist"]) == asked(PROJECT["project"]["dependencies"])
    assert locked(METADATA["requires-dev"]["dev"]) == asked(PROJECT["dependency-groups"]["dev"])


def test_the_makefile_and_the_image_use_the_same_uv():
    makefile, dockerfile = (ROOT / "Makefile").read_text(), (ROOT / "Dockerfile").read_text()
    (version,) = re.findall(r"^UV_VERSION := (.+)$", makefile, re.MULTILINE)
    assert re.findall(r"\buv==([\d.]+)", dockerfile) == [version]
