"""`make test` shows coverage, and pytest's closing line stays the last."""

import pickle
import subprocess
import sys
from pathlib import Path

import pytest

from tests.coverage_report import merged, probe_of, table

ROOT = Path(__file__).resolve().parents[2]


def test_lines_are_summed_by_package():
    files = {
        "models/a.py": {"executed_lines": [1, 2, 3], "missing_lines": [4]},
        "models/training/b.py": {"executed_lines": [], "missing_lines": [1, 2, 3, 4]},
        str(ROOT / "logs/c.py"): {"executed_lines": [1, 9], "missing_lines": []},
        "files/__init__.py": {"executed_lines": [], "missing_lines": []},
    }
    assert [line.split() for line in table(files)] == [
        ["files", "0", "lines", "none"],
        ["logs", "2", "lines", "100.0%"],
        ["models", "8", "lines", "37.5%"],
        ["all", "10", "lines", "50.0%"],
    ]


def test_a_line_is_missing_if_no_process_has_run_it():
    first = {"a.py": {"executed_lines": [1, 2], "missing_lines": [3, 4]}}
    second = {
        "a.py": {"executed_lines": [1, 3], "missing_lines": [2, 4]},
        "b.py": {"executed_lines": [], "missing_lines": [1]},
    }
    assert merged([first, {}, second]) == {
        "a.py": {"executed_lines": [1, 2, 3], "missing_lines": [4]},
        "b.py": {"executed_lines": [], "missing_lines": [1]},
    }


@pytest.mark.parametrize("workers", [[], ["-n", "2"]])
def test_the_tests_of_a_module_run_its_lines_and_the_table_is_above_the_closing_line(workers):
    options = [
        *workers,
        "-p",
        "tests.coverage_report",
        "-p",
        "no:cacheprovider",
        "-q",
        "tests/files/test_atomic.py",  # it imports no TensorFlow
    ]
    finished = subprocess.run([sys.executable, "-m", "pytest", *options], cwd=ROOT, capture_output=True, text=True)
    assert finished.returncode == 0, finished.stdout
    *_, total, closing = finished.stdout.splitlines()
    assert "passed" in closing
    assert total.startswith("all ")
    shares = {line.split()[0]: line.split()[-1] for line in finished.stdout.splitlines() if " lines " in line}
    assert float(shares["files"].rstrip("%")) > 5  # what the module and its imports run
    assert shares["simulation"] == "0.0%"


def test_probes_in_pickled_functions_stay_the_same_in_this_process_and_work_in_another():
    """Beam pickles lambdas with their bytecode, and SlipCover's probes are in it."""
    line_probe = probe_of(0)
    pickled = pickle.dumps(line_probe)
    assert pickle.loads(pickled) is line_probe
    code = f"import pickle\nfrom slipcover import probe\nprobe.signal(pickle.loads({pickled!r}))"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_make_test_measures_coverage():
    assert (
        ".venv/bin/python -m pytest -n 2 --dist loadfile -p tests.coverage_report $(PYTEST_ARGS)"
        in (ROOT / "Makefile").read_text()
    )
