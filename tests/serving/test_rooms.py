"""The packages of serving import each other in one direction."""

import ast
from pathlib import Path

import serving

ROOT = Path(serving.__file__).parent


def test_the_server_imports_no_load_check() -> None:
    imports = [
        (path.name, node.module)
        for path in [*(ROOT / "server").rglob("*.py"), *(ROOT / "savedmodel").rglob("*.py")]
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom)
    ]
    assert ("watcher.py", "serving.savedmodel.static") in imports
    assert [module for _, module in imports if str(module).startswith("serving.loadcheck")] == []
