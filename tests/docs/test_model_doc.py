"""docs/model.md agrees with the code: its tables are compared row by row, and its configs are valid."""

import re
from dataclasses import fields
from pathlib import Path
from typing import get_args

import pytest
import yaml
from pydantic import BaseModel

from components.evaluation.config import EvaluatorConfig
from components.evaluation.keep import Keep
from components.evaluation.results import SliceFigure
from components.evaluation.score_files import schema_of
from components.evaluation.scores import About
from components.evaluation.settings import EvaluatedHead
from components.evaluation.slices import COLUMNS
from models.calibration import FEWEST_FOR_BIAS, FEWEST_FOR_SCALE
from models.config import ModelConfig, TrainerConfig
from models.encoders.config import EncoderConfig, MmoeConfig
from models.recipes import DEFAULT_RECIPES
from models.tasks import DEFAULT_TASKS
from models.training.balancing.config import BalancerConfig
from models.training.expert_use import LEAST_SHARE
from pipeline.configuration.config import Config
from pipeline.configuration.file import load_config
from pipeline.configuration.rows import changed_recipe
from pipeline.terminal.slices import CHANGES
from transforms.domain import DEFAULT_LABELS, DEFAULT_SOURCES

REPOSITORY = Path(__file__).resolve().parents[2]
DOC = (REPOSITORY / "docs" / "model.md").read_text()
EXAMPLE = REPOSITORY / "configs" / "examples" / "save_and_email.yaml"
SECTIONS = dict(re.findall(r"^##+ ([^\n]+)\n(.*?)(?=^##|\Z)", DOC, re.MULTILINE | re.DOTALL))
CONFIGURED: dict[str, type[BaseModel]] = {"evaluator": EvaluatorConfig, "trainer": TrainerConfig}


def rows(section: str) -> list[list[str]]:
    """The cells of the Markdown table in a section, without its head and without backticks."""
    lines = [line for line in SECTIONS[section].splitlines() if line.startswith("|")]
    return [[cell.strip().replace("`", "") for cell in line.strip("|").split("|")] for line in lines[2:]]


def shown(section: str) -> Config:
    (text,) = re.findall(r"```yaml\n(.*?)```", SECTIONS[section], re.DOTALL)
    return Config.model_validate(yaml.safe_load(text))


def test_tasks_are_those_of_the_table():
    assert rows("Tasks") == [
        [name, task.label, ", ".join(task.trained_on), ", ".join(task.read_on)] for name, task in DEFAULT_TASKS.items()
    ]


def test_recipes_are_those_of_the_table():
    assert [row[:5] for row in rows("Recipes")] == [
        [
            name,
            ", ".join(recipe.trained_on),
            ", ".join(recipe.heads),
            "yes" if recipe.balanced else "",
            recipe.encoder.kind,
        ]
        for name, recipe in DEFAULT_RECIPES.items()
    ]
    assert all(recipe.read_on == DEFAULT_SOURCES for recipe in DEFAULT_RECIPES.values())


def test_encoders_are_those_of_the_union():
    kinds: tuple[type[BaseModel], ...] = get_args(get_args(EncoderConfig)[0])
    documented = {kind: set(keys.split(", ")) for kind, keys, *_ in rows("Encoders")}
    assert documented == {kind().kind: set(kind.model_fields) - {"kind"} for kind in kinds}  # type: ignore[attr-defined]


def test_balancers_are_those_of_the_union():
    kinds: tuple[type[BaseModel], ...] = get_args(get_args(BalancerConfig)[0])
    documented = {kind: {key for key in keys.split(", ") if key} for kind, keys, *_ in rows("Loss")}
    assert documented == {kind().kind: set(kind.model_fields) - {"kind"} for kind in kinds}  # type: ignore[attr-defined]


def test_the_terms_name_the_sources_and_labels_of_the_default():
    meanings = dict(rows("Terms"))
    for source in DEFAULT_SOURCES:
        assert source in meanings["source"]
    for label in DEFAULT_LABELS:
        assert label in meanings["label"]


def test_a_recipe_of_your_own_is_valid_as_shown():
    assert [branch.name for branch in shown("Recipes").branches_to_run] == ["promotions_only", "joint_streams"]


def test_a_label_and_a_source_of_your_own_are_those_of_the_example():
    config, example = shown("Terms"), load_config(EXAMPLE)
    assert "joint_with_email" in config.recipes
    for key in ("sources", "labels", "tasks", "recipes", "recipe"):
        assert getattr(config, key) == getattr(example, key)


def test_a_built_in_recipe_changes_its_encoder_only():
    assert "A built-in recipe can change its `encoder` only." in " ".join(SECTIONS["Terms"].split())
    for name, recipe in DEFAULT_RECIPES.items():
        assert changed_recipe(name, recipe.model_copy(update={"encoder": MmoeConfig(experts=7)})) is None
        assert changed_recipe(name, recipe.model_copy(update={"heads": (*recipe.heads, "save")})) is not None


def test_an_encoder_of_your_own_is_valid_as_shown():
    assert shown("Encoders").recipes["joint"].encoder.model_dump()["experts"] == 6


def test_the_switches_of_the_inputs_are_explained():
    explained = {name.strip() for keys, *_ in rows("Inputs") for name in keys.split(",")}
    assert explained == set(ModelConfig.model_fields) - {"embedding_dim", "tower_units", "embedding_dropout"}


def test_branches_are_valid_as_shown():
    branches = shown("Branches").branches_to_run
    assert [(branch.name, branch.start_from, branch.pushed) for branch in branches] == [
        ("joint", None, True),
        ("joint_8", None, False),
        ("fine_tuned", "joint", False),
    ]
    assert branches[2].trainer.learning_rate == 0.0001


def test_bounds_of_calibration_are_valid_as_shown():
    thresholds = shown("How a model is judged").evaluator.thresholds
    assert [threshold.calibration for threshold in thresholds] == [None, (0.8, 1.25)]


def test_the_fewest_outcomes_of_a_calibration_are_named():
    assert f"With fewer than {FEWEST_FOR_SCALE} positives or negatives, a head gets a bias alone." in DOC
    assert f"With fewer than {FEWEST_FOR_BIAS}, it keeps its probabilities." in DOC


def test_the_least_share_of_a_used_expert_is_named():
    assert LEAST_SHARE == 0.1
    assert "below a tenth of an equal share" in DOC


def test_the_columns_of_the_spreadsheet_are_explained():
    explained = {name.strip() for names, _ in rows("How a model is judged") for name in names.split(",")}
    assert explained == {field.name for field in fields(SliceFigure)} - {"keys"} | {"slice", *COLUMNS, *CHANGES}


def test_the_columns_of_the_scores_are_explained():
    explained = {name.strip() for names, _ in rows("Scores") for name in names.split(",")}
    recipe = EvaluatedHead("<head>", "<label>", ())
    keep = Keep(folder="", trained_ids="", baseline_heads=("<head>",))
    assert explained == set(schema_of(keep, About((recipe,), (), 1)).names)


@pytest.mark.parametrize("section", CONFIGURED)
def test_settings_that_are_named_exist(section: str):
    named = re.findall(rf"`{section}\.(\w+)(?:=\w+)?`", DOC)
    assert named
    assert set(named) <= set(CONFIGURED[section].model_fields)


def test_the_config_of_a_search_is_valid():
    config = shown("Tuning")
    assert (config.tuner.algorithm, config.tuner.trials) == ("bayesian", 30)
    assert config.branches_to_run[0].tuned
