"""The code that Transform imports is part of its cache key, so each import decides when Transform runs again."""

from components.code_hash import modules_run_by


def test_a_new_recipe_task_or_model_runs_neither_ingestion_nor_transform_again() -> None:
    for stage in ("transforms.preprocessing", "components.ingestion.component"):
        run = modules_run_by(stage)
        assert "transforms.domain" in run  # imports are followed
        assert not {module for module in run if module.startswith("models")}


def test_ingestion_takes_the_features_from_its_parameters_not_from_the_table() -> None:
    assert "transforms.features" not in modules_run_by("components.ingestion.component")
