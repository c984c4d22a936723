"""The tables of the config: rows merged over the built-in ones, and the names that they must declare."""

import itertools

import pytest
import yaml

from models.recipes import DEFAULT_RECIPES
from models.tasks import DEFAULT_TASKS, TaskConfig
from pipeline.configuration.config import Config
from pipeline.configuration.described import as_yaml
from pipeline.configuration.file import load_config
from pipeline.errors import ConfigError
from transforms.domain import DEFAULT_LABELS, Label

SAVE = "labels.save={kind: save}"
SAVE_TASK = "tasks.save={label: save, trained_on: [promotion], read_on: [promotion]}"
EMAIL = "sources=[promotion, ad, email]"


def test_without_rows_the_tables_are_the_built_in_ones():
    assert Config().labels == DEFAULT_LABELS
    assert Config().tasks == DEFAULT_TASKS
    assert Config().recipes == DEFAULT_RECIPES
    assert Config().domain.kinds == ("stream", "click", "like", "follow", "search")


def test_a_row_adds_to_the_table_or_changes_the_keys_that_it_gives():
    config = load_config(None, [SAVE, SAVE_TASK, "labels.stream.window_hours=2", "tasks.like.read_on=[ad]"])
    assert config.labels == {
        **DEFAULT_LABELS,
        "stream": Label(kind="stream", window_hours=2, min_stream_seconds=60),
        "save": Label(kind="save"),
    }
    assert config.tasks["save"] == TaskConfig(label="save", trained_on=("promotion",), read_on=("promotion",))
    assert config.tasks["like"] == TaskConfig(label="like", trained_on=("promotion", "ad"), read_on=("ad",))
    assert config.domain.windows_us["stream"] == 2 * 3_600_000_000
    assert config.domain.kinds[-2:] == ("save", "search")


def test_a_third_source_and_kind_widen_no_built_in_task_or_recipe():
    config = load_config(None, [EMAIL, SAVE])
    assert config.tasks == DEFAULT_TASKS
    assert config.recipes == DEFAULT_RECIPES
    sources = [branch.recipe.sources_of("promotion_stream") for branch in config.branches_to_run]
    assert sources == [("promotion", "ad"), ("promotion",)]  # it is the only stream head of promotions_only


def test_null_removes_a_row_and_the_built_in_rows_that_need_it():
    config = load_config(None, ["labels.like=null", "recipe=single_task_pooled", "baseline=null"])
    assert list(config.labels) == ["stream", "click", "follow"]
    assert list(config.tasks) == ["promotion_stream", "ad_stream", "click", "follow"]
    assert list(config.recipes) == ["promotion_stream_only", "ads_stream_only", "single_task_pooled"]


def test_without_a_source_the_built_in_rows_that_need_it_are_left_out():
    own = "recipes.own={trained_on: [promotion], heads: [promotion_stream]}"
    gates = ["evaluator.thresholds=[]", "evaluator.tolerances=[]"]
    config = load_config(None, ["sources=[promotion]", own, "recipe=own", "baseline=null", *gates])
    assert list(config.tasks) == ["promotion_stream"]
    assert list(config.recipes) == ["own"]
    (branch,) = config.branches_to_run
    assert branch.recipe.read_on == ("promotion",)


@pytest.mark.parametrize(
    "overrides",
    [
        [],
        [EMAIL, SAVE, SAVE_TASK],
        ["labels.like=null", "recipe=single_task_pooled", "baseline=null"],
        ["recipes.joint.encoder.units=[8]"],
        ["recipes.joint=null", "recipe=single_task_pooled"],
        ["branches=[{recipe: joint, trainer: {epochs: 1}}, {name: b, recipe: joint, seed: 1, start_from: joint}]"],
    ],
)
def test_the_printed_config_makes_the_same_tables(overrides: list[str]):
    config = load_config(None, overrides)
    again = Config.model_validate(yaml.safe_load(as_yaml(config)))
    assert again == config
    assert Config.model_validate(config.model_dump()) == config
    assert again.branches_to_run == config.branches_to_run


def test_a_built_in_recipe_can_change_its_encoder_and_nothing_else():
    config = load_config(None, ["recipes.joint.encoder.units=[8]"])
    joint = DEFAULT_RECIPES["joint"]
    encoder = joint.encoder.model_copy(update={"units": (8,)})
    assert config.recipes["joint"] == joint.model_copy(update={"encoder": encoder})
    assert config.recipes["promotions_only"] == DEFAULT_RECIPES["promotions_only"]
    assert load_config(None, ["recipes.joint.encoder=dense"]).recipes["joint"] == joint


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (["recipes.joint.heads=[ad_stream]"], "recipes: joint is a built-in recipe, and its name must mean the same"),
        (["recipes.joint.balanced=false"], "change only its `encoder`, or choose another name"),
        (["recipes.joint.encoder.unit=[8]"], "recipes.joint.encoder.unit: unknown key, did you mean units?"),
        (
            ["recipes.joint.encoder={kind: mmoe, expert: 8}"],
            "recipes.joint.encoder.expert: unknown key, did you mean exp",
        ),
        (["recipes.joint.encoder.units=[0]"], "recipes.joint.encoder.units.0: Input should be greater than 0"),
        (["labels.lik=null"], "labels.lik: there is no built-in row 'lik' for null to remove"),
        (["labels.stream=null"], "labels: declare the label stream of kind stream"),
        (["labels.stream.window=3"], "labels.stream.window: unknown key, did you mean window_hours?"),
        (["labels.click.kind=stream", "labels.click.window_hours=3"], "labels: stream and click are both made by"),
        (["labels=[a]"], "labels: write a mapping, such as {key: value}"),
        (["labels.hour={kind: hour}"], "'hour' is also the name of a feature"),
        (
            ["tasks.save={label: save, trained_on: [ad], read_on: [ad]}"],
            "tasks.save.label: unknown label 'save'; ",
        ),
        (
            ["tasks.click.read_on=[email]"],
            "tasks.click.read_on: unknown source 'email'; valid sources are promotion",
        ),
        (["tasks.click.trained_on=[email]"], "tasks.click.trained_on: unknown source 'email'"),
        (["tasks.share={label: click}"], "tasks.share.trained_on: this key is missing"),
        (["sources=[promotion, promotion]"], "sources: name at least one source, each once"),
        (["recipes.own={trained_on: [email], heads: [click]}"], "recipes.own.trained_on: unknown source 'email'"),
        (
            ["recipes.own={trained_on: [ad], read_on: [email], heads: [click]}"],
            "recipes.own.read_on: unknown source 'email'",
        ),
        (["recipes.own={trained_on: [ad], heads: [like]}"], "recipes.own: heads: name a stream task"),
        (["recipes.own={trained_on: [ad], heads: [promotion_stream]}"], "recipes.own: promotion_stream learns from"),
        (["labels.like=null"], "baseline: the built-in recipe promotions_only needs the task like, which the config"),
        (
            ["recipes.joint=null"],
            "recipe: the built-in recipe joint is removed by null in `recipes`; valid",
        ),
    ],
)
def test_a_name_that_nothing_declares_is_refused(overrides: list[str], message: str):
    with pytest.raises(ConfigError) as error:
        load_config(None, overrides)
    assert message in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("section", "value"),
    [
        *itertools.product(("sources", "labels", "tasks", "recipes"), ("5", "abc", "[[a]]", "[{a: 1}]", "{a: 5}")),
        *itertools.product(("labels", "tasks", "recipes"), ["[a]"]),
    ],
)
def test_a_value_of_the_wrong_type_is_refused_with_its_key(section: str, value: str):
    with pytest.raises(ConfigError, match=rf"\b{section}\b"):
        load_config(None, ["sources=[promotion]", f"{section}={value}"])
