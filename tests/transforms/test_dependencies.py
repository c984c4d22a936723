"""What transforms import decides what re-runs Transform: its code is part of Transform's cache key."""

from pathlib import Path

from components.code_hash import ROOT, _closure

TABLES = {"models", "models.tasks"}  # the labels and sources, which the labelled rows have as columns


def test_a_new_recipe_or_model_does_not_run_transform_again() -> None:
    run = _closure(("transforms.preprocessing",))
    assert "transforms.analyzer" in run  # imports are followed
    assert {module for module in run if module.startswith("models")} == TABLES


def test_no_module_of_transforms_depends_on_models() -> None:
    modules = tuple(f"transforms.{path.stem}" for path in Path(ROOT, "transforms").glob("*.py"))
    assert {module for module in _closure(modules) if module.startswith("models")} == TABLES
