"""What transforms import decides what re-runs Transform: its code is part of Transform's cache key."""

from components.code_hash import _closure


def test_a_new_recipe_task_or_model_does_not_run_ingestion_or_transform_again() -> None:
    for stage in ("transforms.preprocessing", "components.ingestion.component"):
        run = _closure((stage,))
        assert "transforms.domain" in run  # imports are followed
        assert not {module for module in run if module.startswith("models")}


def test_ingestion_has_the_features_from_its_parameters_and_not_from_the_table() -> None:
    assert "transforms.features" not in _closure(("components.ingestion.component",))
