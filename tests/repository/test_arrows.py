"""Which package may import which: pipeline -> components -> logs, models -> transforms."""

import ast
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
LEARNING = {"transforms", "models"}
LOGS = {"files", "logs"}
MAY_IMPORT = {
    "transforms": set(),
    "files": {"transforms"},
    "models": {"transforms", "files"},
    "logs": {"transforms", "files"},
    "simulation": {"transforms", *LOGS},
    "serving": {*LEARNING, "files"},
    "components": {*LEARNING, *LOGS, "serving"},  # the gate that loads a model as a server does
    "pipeline": {*LEARNING, *LOGS, "components", "serving", "simulation"},
    "experiments": {*LEARNING, *LOGS, "components", "serving", "simulation", "pipeline"},
}


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_arrows_go_one_way(package: str):
    others = MAY_IMPORT.keys() | {"tests", "benchmarks"}
    found = {
        f"{path.relative_to(REPOSITORY)} imports {name}"
        for path in (REPOSITORY / package).rglob("*.py")
        for name in imported(ast.parse(path.read_text()))
        if name in others - MAY_IMPORT[package] - {package}
    }
    assert found == set()


def test_only_the_command_line_imports_the_command_line():
    others = [path for path in (REPOSITORY / "pipeline").rglob("*.py") if path.parent.name != "command_line"]
    found = [path for path in others if any("command_line" in name for name in modules(ast.parse(path.read_text())))]
    assert others
    assert found == []


def imported(tree: ast.Module) -> set[str]:
    """The top-level names of everything that a module imports, inside functions too."""
    return {module.partition(".")[0] for module in modules(tree)}


def modules(tree: ast.Module) -> set[str]:
    """The dotted names of everything that a module imports, inside functions too."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            names.add(node.module or "")
        elif isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
    return names
