"""The code hash follows the sources that a module runs, and nothing else."""

from pathlib import Path

import pytest

from components import code_hash as code_hash_module
from components.code_hash import CodeHashError, code_hash

SOURCES = {
    "one/__init__.py": "",
    "one/entry.py": "import numpy\nfrom two.table import ROWS\n\ndef run():\n    from two import late\n",
    "one/other.py": "import one.entry\n",
    "numpy/__init__.py": "",
    "two/__init__.py": "",
    "two/table.py": "ROWS = 1\n",
    "two/late.py": "import two.table\n",
    "two/unused.py": "",
}


@pytest.fixture
def edit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def write(name: str, text: str) -> None:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)

    for name, text in SOURCES.items():
        write(name, text)
    monkeypatch.setattr(code_hash_module, "ROOT", tmp_path)
    monkeypatch.setattr(code_hash_module, "OUR_PACKAGES", ("one", "two"))
    return write


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("one/entry.py", True),
        ("two/table.py", True),  # imported
        ("two/late.py", True),  # imported inside a function
        ("two/__init__.py", True),  # runs before its modules
        ("two/unused.py", False),
        ("one/other.py", False),  # imports the module, is not imported by it
        ("one/notes.txt", False),
        ("numpy/__init__.py", False),  # beside ours where they are installed, in site-packages
    ],
)
def test_an_edit_counts_where_the_module_runs_it(edit, name: str, counts: bool):
    before = code_hash("one.entry")
    edit(name, SOURCES.get(name, "") + "EDITED = 1\n")
    assert (code_hash("one.entry") != before) is counts


@pytest.mark.parametrize(
    "text",
    [
        "# a comment\nROWS = 1\n",
        '"""What the module is."""\n\nROWS = 1\n"""What the rows are."""\n',
        "ROWS = (\n    1\n)\n",
    ],
)
def test_comments_docstrings_and_layout_do_not_count(edit, text: str):
    before = code_hash("one.entry")
    edit("two/table.py", text)
    assert code_hash("one.entry") == before


def test_a_docstring_of_a_function_does_not_count_and_a_string_that_is_read_does(edit):
    hashes = []
    for body in ("    return 1\n", '    """Why."""\n    return 1\n', '    return "Why."\n'):
        edit("two/table.py", f"ROWS = 1\n\n\ndef read():\n{body}")
        hashes.append(code_hash("one.entry"))
    assert hashes[0] == hashes[1] != hashes[2]


def test_another_version_of_a_library_counts(edit, monkeypatch: pytest.MonkeyPatch):
    before = code_hash("one.entry")
    monkeypatch.setattr(code_hash_module, "version", lambda name: "99" if name == "polars" else "1")
    now = code_hash("one.entry")
    monkeypatch.setattr(code_hash_module, "version", lambda _: "1")
    assert len({before, now, code_hash("one.entry")}) == 3


def test_order_and_repetition_do_not_matter(edit):
    assert code_hash("one.entry", "two.unused") == code_hash("two.unused", "one.entry", "two.unused")
    assert code_hash("one.entry") != code_hash("one.entry", "two.unused")


@pytest.mark.parametrize(
    "module", ["models.training.trainer", "transforms.preprocessing", "components.evaluation.metric"]
)
def test_an_edit_of_the_server_runs_the_gate_that_serves_again_and_no_training(module: str):
    def packages(name: str) -> set[str]:
        return {hashed.partition(".")[0] for hashed in code_hash_module.modules_run_by(name)}

    assert "serving" in packages("components.servable.gate")
    assert "serving" not in packages(module)


def test_an_unknown_module_is_an_error():
    for name in ("no_such_module", "components.no_such_module", "no_such.module"):
        with pytest.raises(CodeHashError, match=f"no module '{name}'"):
            code_hash(name)
