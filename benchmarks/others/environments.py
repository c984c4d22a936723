"""An environment for each library, made by uv from its file of pinned requirements beside this one."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from rich.console import Console

from benchmarks.others.errors import OthersError

LIBRARIES = ("deepctr", "fuxictr")

REPOSITORY = Path(__file__).resolve().parents[2]

ENVIRONMENTS = REPOSITORY / "build" / "others"
"""The folder of the environments."""

_READY = "ready"
_PYTHONS = ((3, 10), (3, 11))  # both have wheels of everything that is pinned


def requirements(library: str) -> Path:
    """The file with everything that a library's environment has, each with its version."""
    return Path(__file__).with_name(f"requirements_{library}.txt")


def environment(library: str, folder: Path = ENVIRONMENTS) -> Path:
    """Where a library's environment is; other requirements give another one."""
    digest = hashlib.sha256(requirements(library).read_bytes()).hexdigest()[:8]
    return folder / f"{library}-{digest}"


def python_of(library: str, console: Console, folder: Path = ENVIRONMENTS) -> Path:
    """The Python of a library's environment, which is made if it is missing.

    Raises:
        OthersError: there is no uv, or it cannot install the requirements.
    """
    place = environment(library, folder)
    python = place / "bin" / "python"
    if not (place / _READY).exists():
        uv = _uv()
        own = sys.executable if sys.version_info[:2] in _PYTHONS else ".".join(map(str, _PYTHONS[-1]))
        with console.status(f"installing {library} into {place}"):
            _run(uv, "venv", "--quiet", "--clear", "--python", own, str(place))
            _run(uv, "pip", "install", "--quiet", "--python", str(python), "-r", str(requirements(library)))
        (place / _READY).touch()
    return python


def _uv() -> str:
    """The uv on the path if it works (the shim of a version manager may not), else the one of `make setup`."""
    candidates = [path for path in (shutil.which("uv"), str(REPOSITORY / ".uv" / "bin" / "uv")) if path]
    for candidate in filter(os.path.exists, candidates):
        if subprocess.run([candidate, "--version"], capture_output=True, check=False).returncode == 0:
            return candidate
    raise OthersError("uv is neither on the path nor in .uv/bin; run `make setup`, or install uv.")


def _run(*command: str) -> None:
    result = subprocess.run(
        command, capture_output=True, text=True, check=False, env={**os.environ, "UV_COMPILE_BYTECODE": "1"}
    )
    if result.returncode:
        raise OthersError(f"`{' '.join(command)}` failed; its last lines are: {result.stderr.strip()[-500:]}")
