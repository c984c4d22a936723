import pytest
from pydantic import ValidationError

from models.recipes import RecipeConfig, bind
from models.tasks import DEFAULT_TASKS, TaskConfig
from tests.models.prepared import RECIPES


def config(**values: object) -> RecipeConfig:
    return RecipeConfig.model_validate({"trained_on": ("ad",), "heads": ("ad_stream",), **values})


def test_every_system_of_the_publication_is_a_recipe() -> None:
    ancillary = ("click", "like", "follow")
    five = ("promotion_stream", "ad_stream", *ancillary)
    both = ("promotion", "ad")
    assert {name: (recipe.trained_on, recipe.heads, recipe.balanced) for name, recipe in RECIPES.items()} == {
        "promotions_only": (("promotion",), ("promotion_stream", *ancillary), False),
        "promotion_stream_only": (("promotion",), ("promotion_stream",), False),
        "ads_stream_only": (("ad",), ("ad_stream",), False),
        "ads_stream_anc": (("ad",), ("ad_stream", *ancillary), False),
        "single_task_pooled": (both, ("ad_stream",), False),
        "joint": (both, five, True),
        "joint_mmoe": (both, five, True),
        "joint_ple": (both, five, True),
    }
    kinds = {name: recipe.encoder.kind for name, recipe in RECIPES.items() if recipe.encoder.kind != "dense"}
    assert kinds == {"joint_mmoe": "mmoe", "joint_ple": "ple"}


def test_a_recipe_reads_its_only_stream_head_on_every_source_that_it_is_read_on() -> None:
    baseline = RECIPES["promotions_only"]
    assert baseline.sources_of("promotion_stream") == ("promotion", "ad")
    assert baseline.head_for("stream", "ad") == "promotion_stream"
    joint = RECIPES["joint"]
    assert joint.sources_of("promotion_stream") == ("promotion",)
    assert joint.sources_of("ad_stream") == ("ad",)
    assert joint.sources_of("click") == ("promotion", "ad")


def test_the_only_head_of_another_label_is_read_where_its_task_says() -> None:
    tasks = {**DEFAULT_TASKS, "save": TaskConfig(label="save", trained_on=("ad", "email"), read_on=("email",))}
    recipe = bind(config(trained_on=("ad", "email"), heads=("ad_stream", "click", "save")), tasks)
    assert recipe.sources_of("ad_stream") == ("ad", "email")
    assert recipe.sources_of("save") == ("email",)
    assert recipe.sources_of("click") == ("ad",)


def test_a_further_source_widens_nothing_by_itself() -> None:
    for name, recipe in RECIPES.items():
        assert not any(recipe.heads_for(label, "email") for label in recipe.labels), name
        assert all("email" not in recipe.sources_of(head) for head in recipe.heads), name


def test_a_recipe_is_read_on_the_sources_that_it_is_trained_on_unless_it_says_otherwise() -> None:
    assert bind(config(), DEFAULT_TASKS).read_on == ("ad",)
    assert bind(config(read_on=("ad", "promotion")), DEFAULT_TASKS).sources_of("ad_stream") == ("ad", "promotion")


def test_labels_are_those_of_the_heads_each_once() -> None:
    assert RECIPES["joint"].labels == ("stream", "click", "like", "follow")
    assert RECIPES["ads_stream_only"].labels == ("stream",)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"heads": ("promotion_stream",)}, "promotion_stream learns from promotion only; add it to trained_on"),
        ({"heads": ("click",)}, "name a stream task"),
        (
            {"trained_on": ("promotion", "ad"), "read_on": ("ad",), "heads": ("promotion_stream", "ad_stream")},
            "heads: promotion_stream is measured on promotion only, .* add promotion to the recipe's read_on, or drop",
        ),
        ({"heads": ()}, "name at least one, each once"),
        ({"trained_on": ("ad", "ad")}, "name at least one, each once"),
        ({"heads": ("listen",)}, "unknown task 'listen'; valid tasks are promotion_stream, ad_stream"),
    ],
)
def test_a_recipe_that_cannot_learn_or_be_judged_is_refused(values: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        bind(config(**values), DEFAULT_TASKS)


def test_a_task_names_its_sources() -> None:
    with pytest.raises(ValidationError, match="trained_on"):
        TaskConfig(label="save", trained_on=(), read_on=("ad",))
