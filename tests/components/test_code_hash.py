"""The code hash follows the sources, and nothing else."""

import importlib
import sys

import pytest

from components.code_hash import CodeHashError, code_hash


@pytest.fixture
def package(tmp_path, monkeypatch):
    folder = tmp_path / "sample_package"
    (folder / "inner").mkdir(parents=True)
    for name in ("__init__.py", "a.py", "inner/__init__.py", "inner/b.py"):
        (folder / name).write_text(f"# {name}\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    importlib.invalidate_caches()
    yield folder
    for name in [name for name in sys.modules if name.startswith("sample_package")]:
        del sys.modules[name]


def test_an_edit_anywhere_below_a_package_changes_its_hash(package):
    before = code_hash("sample_package")
    assert code_hash("sample_package") == before
    (package / "inner" / "b.py").write_text("# edited\n")
    assert code_hash("sample_package") != before


def test_a_new_or_renamed_module_changes_the_hash(package):
    before = code_hash("sample_package")
    (package / "a.py").rename(package / "c.py")
    assert code_hash("sample_package") != before


def test_files_that_are_no_source_do_not_count(package):
    before = code_hash("sample_package")
    (package / "notes.txt").write_text("notes")
    assert code_hash("sample_package") == before


def test_a_module_alone_and_the_order_of_names(package):
    module = code_hash("sample_package.a")
    (package / "inner" / "b.py").write_text("# edited\n")
    assert code_hash("sample_package.a") == module
    assert code_hash("sample_package.a", "sample_package.inner") == code_hash(
        "sample_package.inner", "sample_package.a"
    )


def test_an_unknown_module_is_an_error():
    for name in ("no_such_module", "components.no_such_module", "no_such.module"):
        with pytest.raises(CodeHashError, match=f"no module '{name}'"):
            code_hash(name)
