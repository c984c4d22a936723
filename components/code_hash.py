"""The code that a node runs as one hash, for its cache key.

TFX's cache key knows inputs, parameters and the executor's name, not its code (docs/decisions.md).
"""

import ast
import hashlib
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

from files.packages import OUR_PACKAGES, ROOT

LIBRARIES = (
    *("apache-beam", "keras", "numpy", "polars", "pyarrow", "scipy", "tensorflow"),
    *("tensorflow-data-validation", "tensorflow-model-analysis", "tensorflow-transform", "tfx", "tfx-bsl"),
)
"""Distributions that results are computed with: another version of one may compute something else."""


version = cache(metadata.version)
"""The installed version of a distribution. A run asks about a hundred times, and each answer parses a file."""


class CodeHashError(ValueError):
    """A named module does not exist."""


def code_hash(*modules: str) -> str:
    """SHA-256, 16 hex digits, over `modules`, everything of ours that they import, and the versions of `LIBRARIES`.

    Only statements count: comments, docstrings and layout do not. Imports are read from the sources, also those inside
    functions; nothing is imported. A module that is named only in a string (a TFMA metric, say) must be given.

    Args:
        modules: dotted names such as `models.training.trainer`. Order and repetition do not matter.

    Raises:
        CodeHashError: there is no such module.
    """
    digest = hashlib.sha256()
    for library in LIBRARIES:
        digest.update(f"{library}\0{version(library)}\0".encode())
    for module, path in sorted(modules_run_by(*modules).items()):
        statements = _parsed(path.read_bytes()).statements
        digest.update(f"{module}\0{len(statements)}\0{statements}".encode())
    return digest.hexdigest()[:16]


def modules_run_by(*modules: str) -> dict[str, Path]:
    """`modules` and everything of ours that they import, directly or not: the source file by module.

    Raises:
        CodeHashError: there is no such module.
    """
    for module in modules:
        if _file(module) is None:
            raise CodeHashError(f"There is no module {module!r} to hash; name a module of this project.")
    files: dict[str, Path] = {}
    waiting = list(modules)
    seen: set[str] = set()
    while waiting:
        module = waiting.pop()
        if module in seen:
            continue
        seen.add(module)
        path = _file(module)
        if path is not None:
            files[module] = path
            waiting += _parsed(path.read_bytes()).imports
            waiting += [module.rpartition(".")[0]]  # its package's __init__ runs first
    return files


class _Parsed(NamedTuple):
    statements: str
    imports: tuple[str, ...]


@cache
def _parsed(source: bytes) -> _Parsed:
    """The statements and imports of a module. Most nodes of a pipeline share their modules, so each is parsed once."""
    tree = ast.parse(source)
    imports = tuple(_imported(tree))
    return _Parsed(ast.dump(_without_docstrings(tree)), imports)


def _without_docstrings(tree: ast.Module) -> ast.Module:
    """`tree` without strings that are statements, which nothing reads."""
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            node.body = [statement for statement in body if not _is_text(statement)]  # type: ignore[attr-defined]
    return tree


def _is_text(statement: ast.stmt) -> bool:
    return (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
    )


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
    if package not in OUR_PACKAGES:
        return None
    path = ROOT.joinpath(package, *rest)
    return next((file for file in (path.with_suffix(".py"), path / "__init__.py") if file.is_file()), None)
