"""What writes a file or folder whole or not at all is in one package: nothing else gives files their final names."""

import ast

from files.packages import OUR_PACKAGES, ROOT

COMPILED = "serving/loadcheck/build.py"
"""The compiler writes this program itself."""


def test_nothing_is_renamed_outside_the_package_files():
    names = {
        str(path.relative_to(ROOT))
        for package in OUR_PACKAGES
        for path in (ROOT / package).rglob("*.py")
        if any(_renames(node) for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    }
    assert "files/atomic.py" in names
    assert {name for name in names if not name.startswith("files/")} == {COMPILED}


def _renames(node: ast.AST) -> bool:
    """Whether it is a call such as `os.replace(a, b)` or `path.replace(b)`; texts and columns have other arguments."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or node.keywords:
        return False
    name, owner = node.func.attr, ast.unparse(node.func.value)
    if owner in ("os", "shutil"):
        return name in ("replace", "rename", "renames", "move")
    (*arguments,) = node.args
    own = len(arguments) == 1 and not isinstance(arguments[0], ast.Dict | ast.Constant)
    return name in ("replace", "rename") and own
