"""Every module of ours is used: another one imports or names it, or it starts something."""

import ast
from pathlib import Path

from files.packages import OUR_PACKAGES, ROOT

STARTED = {"experiments.command_line", "pipeline.runners.tfx_cli", "serving.loadcheck.__main__"}
"""By the script `coldcast`, by the command `tfx`, and by `python -m`."""


def test_another_module_imports_or_names_every_module():
    trees = {path: ast.parse(path.read_text()) for package in OUR_PACKAGES for path in (ROOT / package).rglob("*.py")}
    imported = {name for tree in trees.values() for node in ast.walk(tree) for name in _imported(node)}
    modules = {_module(path) for path in trees if path.name != "__init__.py"}
    assert modules >= STARTED
    assert modules - imported - STARTED == set()


def _module(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.module:
        return [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]  # TFX imports some modules by their names
    return []
