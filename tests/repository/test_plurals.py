"""No text adds an "s" to a name from the config: a source may be `radio_news`, and a label `reply`."""

import ast
import re
from collections.abc import Iterator

from files.packages import OUR_PACKAGES, ROOT
from logs.columns import kind_counts
from transforms.domain import DEFAULT_LABELS, Domain, Label
from transforms.responses import ENTITIES

FIXED_WORDS = {"components/evaluation/config.py: {kind}s"}  # "label" or "source"
MAY_ADD = re.compile(r"""\}s(?![a-z])|\+\s*["']s["']""")
TEMPLATES = (".jinja", ".js", ".html")


def plurals(code: str) -> Iterator[str]:
    """Each expression in Python code that adds an "s" to a value."""
    if not MAY_ADD.search(code):  # to parse all code takes seconds
        return
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.BinOp) and isinstance(node.right, ast.Constant) and node.right.value == "s":
            yield ast.unparse(node)
        if isinstance(node, ast.JoinedStr):
            for value, text in zip(node.values, node.values[1:], strict=False):
                if isinstance(value, ast.FormattedValue) and re.match("s(?![a-z])", str(getattr(text, "value", ""))):
                    yield f"{{{ast.unparse(value.value)}}}s"


def test_plurals_are_found():
    code = """f"{source}s", source + "s", f"user_{kind}s_30d", f"{count} {source}s.", f"{seconds} s", f"{name}state" """
    assert sorted(plurals(code)) == ["source + 's'", "{kind}s", "{source}s", "{source}s"]


def test_no_text_adds_an_s_to_a_name():
    found = {
        f"{path.relative_to(ROOT)}: {plural}"
        for package in OUR_PACKAGES
        for path in (ROOT / package).rglob("*.py")
        for plural in plurals(path.read_text(encoding="utf-8"))
    }
    assert found == FIXED_WORDS


def test_no_template_adds_an_s_to_a_name():
    templates = [path for package in OUR_PACKAGES for path in (ROOT / package).rglob("*") if path.suffix in TEMPLATES]
    assert len(templates) > 3
    assert [path.name for path in templates if MAY_ADD.search(path.read_text(encoding="utf-8"))] == []


def test_derived_columns_hold_the_names_of_the_config_as_they_are():
    domain = Domain(sources=("radio_news", "email"), labels=DEFAULT_LABELS | {"reply": Label(kind="reply")})
    names = {name for entity in ENTITIES for name in entity.names(domain)}
    names |= {count.name for count in kind_counts(domain)}
    assert {
        "user_radio_news_shown_30d",
        "user_email_shown_30d",
        "show_radio_news_reply_rate_30d",
        "user_reply_count_30d",
        "user_show_reply_count_30d",
    } <= names
    assert [name for name in names if re.search("newss|emails|replys|replies", name)] == []
