import re
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]


def test_hooks_run_what_ci_runs():
    """`.ci/run` makes `lint` and `types`; their commands are the hooks' entries."""
    makefile = (ROOT / "Makefile").read_text()
    recipes = re.findall(r"^(?:lint|types):.*\n((?:\t.*\n)+)", makefile, re.MULTILINE)
    checks = [line.strip().removeprefix("@") for recipe in recipes for line in recipe.splitlines()]
    (repository,) = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
    assert "make lint types" in (ROOT / ".ci" / "run").read_text()
    assert len(checks) == 3
    assert [hook["entry"] for hook in repository["hooks"]] == checks
