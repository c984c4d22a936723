"""Every error of ours is one that users cause, with one base class, unless another module of ours catches it."""

import ast

from files.packages import OUR_PACKAGES, ROOT

USERS = "UserError"
CAUGHT = {"CodeHashError", "LongStringError", "LossyCastError", "TooManyFieldsError", "TooManyInputsError"}
"""A bug, or an error that one of our modules raises for another."""


def test_every_error_that_users_cause_has_the_one_base_class():
    bases = {
        node.name: {ast.unparse(base) for base in node.bases}
        for package in OUR_PACKAGES
        for path in (ROOT / package).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef) and node.name.endswith("Error") and not node.name.startswith("_")
    }
    users = {USERS}
    while more := {name for name, own in bases.items() if own & users} - users:
        users |= more
    assert len(users) > len(CAUGHT)
    assert bases.keys() - users == CAUGHT
