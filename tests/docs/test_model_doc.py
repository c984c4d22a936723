"""docs/model.md says what the code does: its tables are compared with those of the code, row by row."""

import re
from dataclasses import fields
from pathlib import Path

import yaml

from components.evaluation.config import EvaluatorConfig
from components.evaluation.results import SliceFigure
from components.evaluation.slices import COLUMNS
from models.config import TrainerConfig
from models.recipes import RECIPES
from models.tasks import TASKS
from pipeline.configuration.config import Config
from transforms.labels import SOURCES, Source

DOC = (Path(__file__).resolve().parents[2] / "docs" / "model.md").read_text()
SECTIONS = dict(re.findall(r"^##+ ([^\n]+)\n(.*?)(?=^##|\Z)", DOC, re.MULTILINE | re.DOTALL))
CONFIGURED = {"evaluator": EvaluatorConfig, "trainer": TrainerConfig}


def rows(section: str) -> list[list[str]]:
    """The cells of the Markdown table in a section, without its head and without backticks."""
    lines = [line for line in SECTIONS[section].splitlines() if line.startswith("|")]
    return [[cell.strip().replace("`", "") for cell in line.strip("|").split("|")] for line in lines[2:]]


def listed(sources: frozenset[Source] | tuple[Source, ...]) -> str:
    return ", ".join(source for source in SOURCES if source in sources)


def test_tasks_are_those_of_the_table():
    said = [[task.name, task.label, listed(task.trained_on), listed(task.read_on)] for task in TASKS.values()]
    assert rows("Tasks") == said


def test_recipes_are_those_of_the_table():
    assert [row[:4] for row in rows("Recipes")] == [
        [name, listed(recipe.sources), ", ".join(recipe.heads), "yes" if recipe.balanced else ""]
        for name, recipe in RECIPES.items()
    ]


def test_a_recipe_of_ones_own_is_valid_as_it_is_shown():
    (shown,) = re.findall(r"```yaml\n(.*?)```", SECTIONS["Recipes"], re.DOTALL)
    assert list(Config.model_validate(yaml.safe_load(shown)).all_recipes) == ["promotions_only", "joint_streams"]


def test_the_columns_of_the_spreadsheet_are_explained():
    explained = {name.strip() for names, _ in rows("What it is judged by") for name in names.split(",")}
    assert explained == {field.name for field in fields(SliceFigure)} - {"keys"} | {"slice", *COLUMNS}


def test_settings_that_are_named_exist():
    named = re.findall(r"`(\w+)\.(\w+)(?:=\w+)?`", DOC)
    settings = [(section, key) for section, key in named if section in CONFIGURED]
    assert len(settings) == 4
    assert all(key in CONFIGURED[section].model_fields for section, key in settings)
