"""The list of our packages, which all other lists are checked against, and which source files are in them.

Installed or not, our packages lie side by side in one folder: the repository, or `site-packages` with all the others.
So the words in a path do not tell whether a file is ours.
"""

from pathlib import Path

OUR_PACKAGES = (
    "pipeline",
    "components",
    "transforms",
    "models",
    "serving",
    "simulation",
    "logs",
    "files",
    "experiments",
)

ROOT = Path(__file__).resolve().parent.parent
"""The folder that holds our packages."""


def written_by_us(filename: str) -> bool:
    """Whether a source file lies in one of our packages."""
    path = Path(filename).resolve()
    return any(path.is_relative_to(ROOT / package) for package in OUR_PACKAGES)
