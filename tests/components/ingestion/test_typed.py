"""The steps of ingestion hand typed records to each other."""

import ast
from pathlib import Path

import components.ingestion

FOLDER = Path(components.ingestion.__file__).parent
JSON = {"encode", "decode"}
"""Records become JSON only where Beam passes them on."""


def test_no_step_takes_or_returns_a_dict_of_anything():
    functions = {
        f"{path.name}: {node.name}": ast.unparse(node).partition("\n    ")[0]
        for folder in ("compute", "outputs", "steps")
        for path in (FOLDER / folder).glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef) and node.name not in JSON
    }
    assert functions
    assert [name for name, head in functions.items() if "dict[str, Any]" in head] == []
