"""The configs that come with the project, and how `-c NAME` finds one of them or a file of the user's."""

from pathlib import Path

from files.packages import ROOT
from files.paths import expanded
from pipeline.errors import ConfigError

_FOLDERS = (ROOT / "pipeline" / "shipped_configs", ROOT / "configs")
"""Where the wheel puts `configs/` (pyproject.toml), and where the repository has them."""


def config_file(name: str | Path) -> Path:
    """The file that `-c name` means: the file of that path, else the shipped config of that name.

    Raises:
        ConfigError: there is no such file or config.
    """
    path = Path(expanded(str(name)))
    if path.exists() and not path.is_dir():
        return path
    shipped = shipped_configs()
    if str(name) in shipped:
        return shipped[str(name)]
    names = ", ".join(shipped)
    raise ConfigError(f"{name} is neither a file nor the name of a shipped config; name a YAML file, or one of {names}")


def shipped_configs() -> dict[str, Path]:
    """The file of each shipped config by its name, in alphabetical order."""
    folder = next((folder for folder in _FOLDERS if folder.is_dir()), _FOLDERS[0])
    return {file.stem: file for file in sorted(folder.glob("*.yaml"))}
