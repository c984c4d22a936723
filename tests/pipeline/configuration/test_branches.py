"""The branches of a run: their settings, and the order in which they can start from each other."""

import json

import pytest

from pipeline.configuration.branches import BranchConfig, in_order
from pipeline.configuration.config import Config
from pipeline.configuration.file import load_config
from pipeline.errors import ConfigError


def branches(*rows: str) -> Config:
    return load_config(None, [f"branches=[{', '.join(rows)}]"])


def test_recipe_and_baseline_are_the_short_form_of_two_branches():
    short = Config(seed=3).branches_to_run
    assert [(branch.name, branch.recipe_name, branch.seed, branch.pushed) for branch in short] == [
        ("promotions_only", "promotions_only", 3, False),
        ("joint", "joint", 3, True),
    ]
    long = load_config(None, ["seed=3", "branches=[{recipe: promotions_only}, {recipe: joint, pushed: true}]"])
    assert long.branches_to_run == short
    assert [branch.name for branch in Config(recipe="promotions_only").branches_to_run] == ["promotions_only"]
    assert [branch.name for branch in Config(baseline=None).branches_to_run] == ["joint"]


def test_a_branch_has_its_own_seed_and_settings_over_those_of_the_config():
    config = load_config(
        None,
        [
            "seed=1",
            "trainer.epochs=3",
            "trainer.loss_weights={click: 2, like: 3}",
            "branches=[{recipe: joint}, {name: b, recipe: joint, seed: 2, model: {embedding_dim: 4}, "
            "trainer: {learning_rate: 0.1, loss_weights: {click: 0}}, pushed: true}]",
        ],
    )
    joint, own = config.branches_to_run
    assert (joint.seed, own.seed) == (1, 2)
    assert (joint.model, own.model) == (config.model, config.model.model_copy(update={"embedding_dim": 4}))
    assert joint.trainer == config.trainer
    changes = {"learning_rate": 0.1, "loss_weights": {"click": 0, "like": 3}}
    assert own.trainer == config.trainer.model_copy(update=changes)
    assert own.recipe == joint.recipe
    assert config.pushed_branch == own


@pytest.mark.parametrize(
    ("switch", "kept"),
    [
        ("id_dropout: 0.3", {"id_dropout_features": ("campaign_id", "creative_id", "episode_id", "show_id")}),
        ("numeric_bins: 8", {"numeric_width": 5}),
    ],
)
def test_a_branch_that_switches_an_option_on_gets_the_values_of_the_config(switch: str, kept: dict[str, object]):
    rows = f"branches=[{{recipe: joint}}, {{name: b, recipe: joint, model: {{{switch}}}}}]"
    config = load_config(None, ["model.numeric_width=5", rows])
    _, own = (branch.spec(config.domain, config.features) for branch in config.branches_to_run)
    assert {name: getattr(own.model, name) for name in kept} == kept


def test_a_run_need_not_push_a_branch():
    assert branches("{recipe: joint}").pushed_branch is None


def test_a_spec_has_the_weights_of_its_own_heads_only():
    config = load_config(None, ["trainer.loss_weights={ad_stream: 2, click: 3}"])
    baseline, joint = (branch.spec(config.domain, config.features) for branch in config.branches_to_run)
    assert baseline.trainer.loss_weights == {"promotion_stream": 1, "click": 3, "like": 1, "follow": 1}
    assert joint.trainer.loss_weights == {"promotion_stream": 1, "ad_stream": 2, "click": 3, "like": 1, "follow": 1}
    assert (joint.name, joint.seed, joint.sources) == ("joint", 7, ("promotion", "ad"))


def test_a_branch_comes_after_the_one_that_it_starts_from():
    rows = [
        BranchConfig(name="a", recipe="joint", start_from="c"),
        BranchConfig(name="b", recipe="joint", start_from="last"),
        BranchConfig(name="c", recipe="joint", start_from="b"),
        BranchConfig(name="d", recipe="joint", start_from="s3://bucket/1"),
    ]
    order = in_order(rows)
    assert sorted(order) == ["a", "b", "c", "d"]
    assert order.index("b") < order.index("c") < order.index("a")


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (["{recipe: jiont}"], "branches.jiont.recipe: unknown recipe 'jiont'; valid recipes are promotions_only"),
        (["{name: a}"], "branches.0.recipe: this key is missing"),
        (["joint"], 'branches.0: write a mapping, such as {key: value} (given: "joint")'),
        (
            ["{recipe: joint}", "{recipe: joint}"],
            "branches: 2 branches have the name 'joint'; give each its own",
        ),
        (["{name: last, recipe: joint}"], "branches.0.name: the name has another meaning; choose another"),
        (["{name: statistics, recipe: joint}"], "branches.0.name: the name has another meaning"),
        (["{recipe: joint, seeds: 1}"], "branches.0.seeds: unknown key, did you mean seed?"),
        (["{recipe: joint, seed: -1}"], "branches.0.seed: Input should be greater than or equal to 0"),
        (
            ["{recipe: joint, pushed: true}", "{name: b, recipe: joint, pushed: true}"],
            "branches: joint and b are both pushed; set `pushed: true` in one branch only",
        ),
        (["{recipe: joint, trainer: {epoch: 1}}"], "branches.joint.trainer.epoch: unknown key, did you mean epochs?"),
        (["{recipe: joint, trainer: {epochs: 0}}"], "branches.joint.trainer.epochs: Input should be greater than 0"),
        (["{recipe: joint, model: {embedding_dim: a}}"], "branches.joint.model.embedding_dim: Input should be a valid"),
        (
            ["{recipe: joint, trainer: {loss_weights: {promotion_stream: 0, ad_stream: 0}}}"],
            "branches.joint.trainer.loss_weights: with promotion_stream and ad_stream at 0, the branch joint learns no",
        ),
        (
            ["{recipe: joint, trainer: {loss_weights: {share: 1}}}"],
            "branches.joint.trainer.loss_weights: unknown task 'share'; valid tasks are",
        ),
        (
            [
                "{recipe: joint, trainer: {loss_weights: {promotion_stream: 0}}}",
                "{name: b, recipe: promotions_only, trainer: {loss_weights: {promotion_stream: 0}}}",
            ],
            "with promotion_stream at 0, the branch b learns no streams",
        ),
        (
            ["{recipe: joint, start_from: b}"],
            "branches.joint.start_from: there is no branch 'b'; valid values are",
        ),
        (["{recipe: joint, start_from: joint}"], "joint starts from joint; let one of them"),
        (
            ["{recipe: joint, start_from: b}", "{name: b, recipe: joint, start_from: joint}"],
            "branches.joint.start_from: joint starts from b, which starts from joint; let one of them",
        ),
    ],
)
def test_a_branch_that_cannot_run_is_refused(rows: list[str], message: str):
    with pytest.raises(ConfigError) as error:
        branches(*rows)
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_branches_and_their_short_form_exclude_each_other():
    with pytest.raises(ConfigError, match=r"^recipe: it is a short form of `branches`; give one or the other"):
        load_config(None, ["branches=[{recipe: joint}]", "recipe=joint"])
    assert load_config(None, ["branches=[{recipe: joint}]", "recipe=null", "baseline=null"]).recipe is None
    with pytest.raises(ConfigError, match=r"^recipe: name the recipe to train, or give `branches`"):
        load_config(None, ["recipe=null"])


def test_a_branch_without_a_feature_that_ranks_candidates_is_refused():
    bid = {"name": "bid", "group": "creative", "kind": "numeric", "column": "impressions.bid", "per": "candidate"}
    mood = {"name": "mood", "group": "context", "kind": "category", "column": "impressions.mood", "per": "request"}
    table = [feature.name for feature in Config().features.table()]
    features = {"extra": [{**bid, "source": "ad"}, mood], "without": table}
    own = 'recipes.own={"trained_on": ["promotion"], "heads": ["promotion_stream"]}'
    with pytest.raises(ConfigError, match=r"^features: for the branch own, trained on promotion, no feature is left"):
        load_config(None, [own, "recipe=own", "baseline=null", f"features={json.dumps(features)}"])


def test_a_weight_of_all_branches_is_not_blamed_on_a_branch_with_other_weights_of_its_own():
    rows = "branches=[{recipe: joint, trainer: {loss_weights: {click: 2}}}]"
    with pytest.raises(ConfigError, match=r"trainer\.loss_weights: unknown task 'share'") as error:
        load_config(None, [rows, "trainer.loss_weights={share: 1}"])
    assert "branches.joint" not in str(error.value)


def test_a_balanced_batch_needs_room_for_each_source():
    domain = ["sources=[promotion, ad, email]", "trainer.batch_size=2"]
    own = "recipes.own={trained_on: [promotion, ad, email], heads: [ad_stream], balanced: BALANCED}"
    branch = "branches=[{recipe: own}]"
    assert load_config(None, [*domain, own.replace("BALANCED", "false"), branch]).trainer.batch_size == 2
    with pytest.raises(ConfigError, match=r"^trainer.batch_size: a batch of 2 has no room for each of the 3 sources"):
        load_config(None, [*domain, own.replace("BALANCED", "true"), branch])
    branch = "branches=[{recipe: own, trainer: {batch_size: 2}}]"
    with pytest.raises(ConfigError, match=r"^branches.own.trainer.batch_size: .* write 3 or more"):
        load_config(None, [domain[0], own.replace("BALANCED", "true"), branch])
