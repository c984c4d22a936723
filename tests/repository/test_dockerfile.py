"""The image cannot be built here; these tests check what would make a build fail."""

import re
import sys
from pathlib import Path

import pytest

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
LOCK = tomllib.loads((ROOT / "uv.lock").read_text())

Instruction = tuple[str, str]


def instructions() -> list[Instruction]:
    """(name, arguments) of each instruction, without comments, continued lines joined."""
    lines = [line for line in (ROOT / "Dockerfile").read_text().splitlines() if not line.startswith("#")]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
    return [(name, rest) for name, rest in (line.split(None, 1) for line in joined.splitlines() if line)]


def stages() -> dict[str, list[Instruction]]:
    """Instructions by stage; the last is the image, named ''."""
    found: dict[str, list[Instruction]] = {}
    for name, rest in instructions():
        if name == "FROM":
            found[rest.partition(" AS ")[2]] = []
        else:
            found[list(found)[-1]].append((name, rest))
    return found


def copies() -> list[list[str]]:
    """The arguments of every COPY from the repository."""
    return [rest.split() for name, rest in instructions() if name == "COPY" and not rest.startswith("--from")]


def test_everything_copied_exists_and_is_not_ignored():
    allowed = [line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    sources = [source for *sources, _ in copies() for source in sources]
    assert sorted(sources) == sorted(allowed)
    for source in sources:
        assert (ROOT / source).exists()


def test_every_package_is_copied_to_its_own_name():
    packages = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["only-include"]
    assert sorted(arguments for arguments in copies() if arguments[0] in packages) == [
        [package, f"./{package}"] for package in sorted(packages)
    ]


def test_stages_copied_from_exist():
    text = "\n".join(rest for _, rest in instructions())
    names = set(re.findall(r"from=(\w+)", text))
    assert names
    assert names <= set(stages())


def test_the_entry_point_is_the_projects_command():
    image = dict(stages()[""])
    assert image["ENTRYPOINT"] == '["coldcast"]'
    assert "coldcast" in PROJECT["project"]["scripts"]


def test_the_image_runs_as_an_ordinary_user():
    names = [name for name, _ in stages()[""]]
    assert ("USER", "coldcast") in stages()[""]
    assert any("useradd --create-home --uid 10001 coldcast" in rest for name, rest in stages()[""] if name == "RUN")
    assert names.index("USER") > max(number for number, name in enumerate(names) if name == "RUN")


def test_dependencies_come_from_the_lock_before_any_code():
    first = stages()["dependencies"]
    assert ("RUN", "/opt/uv/bin/uv sync --frozen --no-dev --no-install-project") in first
    assert [rest for name, rest in first if name == "COPY"] == ["pyproject.toml uv.lock ./"]


def test_the_project_and_its_wheels_allow_the_python_of_the_image():
    (version,) = set(re.findall(r"UV_PYTHON=/usr/bin/python3\.(\d+)", "\n".join(rest for _, rest in instructions())))
    assert PROJECT["project"]["requires-python"] == ">=3.10,<3.14"
    assert 11 <= int(version) < 14
    assert "debian:13-slim" in (ROOT / "Dockerfile").read_text(), "the wheels below need its glibc 2.41"
    for name in ("ml-metadata", "tensorflow-data-validation"):
        wheels = [
            wheel["url"]
            for package in LOCK["package"]
            if package["name"] == name and package["version"].startswith("1.21")
            for wheel in package["wheels"]
        ]
        assert any(f"-cp3{version}-" in wheel for wheel in wheels)


@pytest.mark.parametrize("command", ["apt-get update", "apt-get install"])
def test_package_lists_do_not_stay_in_a_layer(command):
    runs = [rest for name, rest in instructions() if name == "RUN" and command in rest]
    assert runs
    assert all("rm -rf /var/lib/apt/lists/*" in rest for rest in runs)


def test_tensorboard_is_a_dependency_of_its_own():
    named = {re.split(r"[\[=<>;]", dependency)[0] for dependency in PROJECT["project"]["dependencies"]}
    assert "tensorboard" in named, "tf.summary raises without it, and TensorFlow 2.21 does not depend on it"
