"""`make setup` installs from uv.lock, so uv.lock must fit the dependencies in pyproject.toml."""

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
PACKAGES = {package["name"]: package for package in tomllib.loads((ROOT / "uv.lock").read_text())["package"]}
METADATA = PACKAGES["coldcast"]["metadata"]


def required(requirements: list[str]) -> set[tuple[str, str, str, str]]:
    """Name, extras, versions, and marker of each requirement of pyproject.toml."""
    return {
        (
            package.name.lower(),
            ",".join(sorted(package.extras)),
            str(package.specifier),
            _marker(str(package.marker or "")),
        )
        for package in map(Requirement, requirements)
    }


def locked(entries: list[dict]) -> set[tuple[str, str, str, str]]:
    """The same of each requirement that uv.lock was made for."""
    return {
        (
            entry["name"],
            ",".join(sorted(entry.get("extras", ()))),
            entry.get("specifier", ""),
            _marker(entry.get("marker", "")),
        )
        for entry in entries
    }


def group(name: str) -> list[str]:
    """The requirements of a dependency group, with those of the groups that it includes (PEP 735)."""
    return [
        requirement
        for entry in PROJECT["dependency-groups"][name]
        for requirement in ([entry] if isinstance(entry, str) else group(entry["include-group"]))
    ]


def _marker(marker: str) -> str:
    return re.sub("python_full_version", "python_version", marker).replace("'", '"')


def test_the_lock_is_for_the_dependencies_of_the_project():
    assert locked(METADATA["requires-dist"]) == required(PROJECT["project"]["dependencies"])
    assert locked(METADATA["requires-dev"]["dev"]) == required(group("dev"))


def test_the_makefile_and_the_image_use_the_same_uv():
    makefile, dockerfile = (ROOT / "Makefile").read_text(), (ROOT / "Dockerfile").read_text()
    (version,) = re.findall(r"^UV_VERSION := (.+)$", makefile, re.MULTILINE)
    assert re.findall(r"\buv==([\d.]+)", dockerfile) == [version]


def test_no_grammar_is_built_when_charts_are_imported() -> None:
    """With this package, jsonschema builds the grammar of an address format, which takes longer than all of altair."""
    assert "rfc3987-syntax" not in PACKAGES
