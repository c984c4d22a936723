"""Logs to change, and a copy of our code."""

import shutil
from collections.abc import Iterator

import pytest

from components import code_hash
from tests.components.ingestion.kept.days import days_of_logs


@pytest.fixture(scope="module")
def logs() -> dict:
    """Share them; a test that changes them makes a copy."""
    return days_of_logs()


@pytest.fixture(scope="package", autouse=True)
def _code_stands_still(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A copy of our code, which names kept results, cannot change while these tests run."""
    folder = tmp_path_factory.mktemp("code")
    for package in ("components", "files", "logs", "transforms"):
        shutil.copytree(code_hash.ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(code_hash, "ROOT", folder)
        yield
