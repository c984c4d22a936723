"""CONTRIBUTING.md names files and names that exist."""

import re
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
PAGE = (REPOSITORY / "CONTRIBUTING.md").read_text()
YOURS = ("<", "rest_front.py")  # files that a contributor makes
PATHS = [name for name in re.findall(r"`([\w./<>-]+/[\w./<>-]*)`", PAGE) if not any(part in name for part in YOURS)]


@pytest.mark.parametrize("path", sorted(set(PATHS)))
def test_every_file_that_is_named_is_there(path: str):
    assert (REPOSITORY / path).exists()


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("DERIVED", "logs/columns.py"),
        ("FEATURE_KINDS", "transforms/kinds.py"),
        ("DEFAULT_RECIPES", "models/recipes.py"),
        ("AnyEncoder", "models/encoders/config.py"),
        ("layer", "models/encoders/config.py"),
        ("input_kernels", "models/encoders/encoder.py"),
        ("Balancer", "models/training/balancing/balancer.py"),
        ("_Balancer", "models/training/balancing/config.py"),
        ("make", "models/training/balancing/config.py"),
        ("Tasks", "models/training/balancing/make.py"),
        ("hash_code", "pipeline/branch.py"),
        ("SLICES", "components/evaluation/slices.py"),
        ("column_values", "components/evaluation/slices.py"),
        ("report_columns", "pipeline/terminal/ap_table.py"),
        ("slice_columns", "pipeline/terminal/slices.py"),
        ("ComparisonRow", "components/evaluation/comparison.py"),
        ("Figure", "components/evaluation/figure.py"),
        ("SliceFigure", "components/evaluation/results.py"),
        ("_start", "serving/server/server.py"),
        ("_make_fronts", "serving/server/server.py"),
        ("response_to", "serving/server/front.py"),
        ("Workers", "serving/server/workers.py"),
        ("Code", "serving/server/refusal.py"),
        ("Refusal", "serving/server/refusal.py"),
        ("in_home", "pipeline/command_line/options.py"),
        ("_rows", "experiments/ablation/systems.py"),
        ("UserError", "transforms/errors.py"),
    ],
)
def test_every_name_is_where_the_page_says(name: str, file: str):
    assert f"`{name}`" in PAGE
    defined = rf"^(\s*(async )?def |class )?{name}\b"
    assert re.search(defined, (REPOSITORY / file).read_text(), re.MULTILINE)
