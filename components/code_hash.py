"""The code that a stage runs as one hash, for its cache key.

TFX's cache key knows inputs, parameters and the executor's name, not its code (docs/decisions.md).
"""

import ast
import hashlib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
"""The folder that holds our packages: the repository, or site-packages with all the others where they are installed."""

PACKAGES = ("components", "models", "transforms")
"""The packages that a stage's code is of."""


class CodeHashError(ValueError):
    """A named module does not exist."""


def code_hash(*modules: str) -> str:
    """SHA-256, 16 hex digits, over the sources of `modules` and of everything of ours that they import.

    Imports are read from the sources, those inside functions too; nothing is imported. What is named only in a
    string (a TFMA metric, say) must be given.

    Args:
        modules: dotted names such as `models.trainer`. Order and repetition do not matter.

    Raises:
        CodeHashError: there is no such module.
    """
    for module in modules:
        if _file(module) is None:
            raise CodeHashError(f"There is no module {module!r} to hash; name a module of this project.")
    digest = hashlib.sha256()
    for module, path in sorted(_closure(modules).items()):
        source = path.read_bytes()
        digest.update(f"{module}\0{len(source)}\0".encode())
        digest.update(source)
    return digest.hexdigest()[:16]


def _closure(modules: tuple[str, ...]) -> dict[str, Path]:
    found: dict[str, Path] = {}
    waiting = list(modules)
    while waiting:
        module = waiting.pop()
        path = _file(module)
        if path is not None and module not in found:
            found[module] = path
            waiting += _imported(ast.parse(path.read_bytes()))
            waiting += [module.rpartition(".")[0]]  # its package's __init__ runs first
    return found


def _imported(tree: ast.AST) -> list[str]:
    names = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return names


def _file(module: str) -> Path | None:
    """The source of one of our modules; None if it is not ours, or no module."""
    package, *rest = module.split(".")
    if package not in PACKAGES:
        return None
    path = ROOT.joinpath(package, *rest)
    return next((file for file in (path.with_suffix(".py"), path / "__init__.py") if file.is_file()), None)
