import pytest
from pydantic import ValidationError

from transforms.checks import problem_without_candidates
from transforms.config import FeaturesConfig, TransformConfig
from transforms.domain import DEFAULT_LABELS, Domain, Label
from transforms.feature import Feature
from transforms.features import FEATURES

MOOD = Feature(name="mood", group="content", kind="category", column="shows.mood", per="candidate")
WITHOUT_KIND = {"name": "moods", "group": "content", "column": "shows.moods", "per": "candidate"}


def test_an_extra_feature_can_replace_a_built_in_one_of_the_same_name() -> None:
    own = MOOD.model_copy(update={"name": "topics", "kind": "categories", "column": "shows.topics", "length": 2})
    config = FeaturesConfig(extra=(own,), without=("topics",))
    assert [feature.length for feature in config.table() if feature.name == "topics"] == [2]


def test_one_key_gives_the_length_of_the_shows_embeddings() -> None:
    lengths = {feature.name: feature.length for feature in FeaturesConfig(embedding_length=64).table()}
    assert (lengths["show_embedding"], lengths["user_taste"]) == (64, 64)


def test_a_pattern_leaves_out_a_family_of_features() -> None:
    config = FeaturesConfig(without=("*_rate_30d", "user_ad_*", "hour"))
    left_out = {feature.name for feature in FEATURES} - {feature.name for feature in config.table()}
    rates = {feature.name for feature in FEATURES if feature.name.endswith("_rate_30d")}
    assert len(rates) == 8 * 2 * 4
    assert left_out == rates | {"user_ad_shown_30d", "hour"}


def test_the_table_has_response_history_for_the_sources_and_kinds_of_the_domain() -> None:
    labels = {"stream": DEFAULT_LABELS["stream"], "long": Label(kind="stream"), "save": Label(kind="save")}
    domain = Domain(sources=("email",), labels=labels)
    table = {feature.name: feature for feature in FeaturesConfig().table(domain)}
    own = {name for name in table if name.endswith(("_shown_30d", "_rate_30d"))}
    entities = ("user", "user_show", "user_surface", "show", "episode", "campaign", "creative", "placement")
    assert own == {
        f"{entity}_email_{measure}_30d" for entity in entities for measure in ("shown", "stream_rate", "save_rate")
    }
    assert {table[name].source for name in own} == {"email"}
    assert {name.split("_email")[0] for name in own if table[name].per == "request"} == {"user", "user_surface"}
    assert [table[f"{name}_email_shown_30d"].group for name in ("user_show", "episode", "placement")] == [
        "user",
        "content",
        "creative",
    ]
    assert [table[f"show_email_{name}_30d"].log for name in ("shown", "save_rate")] == [True, False]


def test_two_features_of_one_name_are_refused() -> None:
    domain = Domain(sources=("email", "show_email"))
    with pytest.raises(ValueError, match="two features of response history have the name user_show_email_shown_30d"):
        FeaturesConfig().check(domain)


def test_the_table_is_the_built_in_one_without_some_features_then_the_extra_ones() -> None:
    config = FeaturesConfig(extra=(MOOD,), without=("hour", "slot"))
    names = [feature.name for feature in FEATURES if feature.name not in ("hour", "slot")]
    assert [feature.name for feature in config.table()] == [*names, "mood"]


def test_a_feature_name_must_be_valid_in_a_signature() -> None:
    with pytest.raises(ValidationError, match="no signature can have an input of this name"):
        Feature.model_validate(MOOD.model_dump() | {"name": "self"})


def test_choices_with_the_same_effect_make_the_same_config() -> None:
    table = {feature.name: feature.buckets for feature in FEATURES}

    def effect(**values: object) -> object:
        config = FeaturesConfig.model_validate(values)
        config.check(Domain())
        return config.for_transform(), config.chosen()

    assert effect(without=("hour", "slot")) == effect(without=("slot", "hour", "slot", "hou?"))
    assert effect(buckets={"show_id": table["show_id"]}) == effect()
    assert effect(buckets={"show_id": 7}, without=("show_id", "user_recent_shows")) == effect(
        without=("show_id", "user_recent_shows")
    )
    taken = {"name": "episode_id", "group": "content", "kind": "category", "column": "shows.kind", "per": "candidate"}
    replaced = {"without": ("episode_id",), "extra": (taken,)}
    assert effect(**replaced, buckets={"episode_id": 7}) == effect(**replaced)
    assert effect(buckets={"show_id": 7, "episode_id": 9}) == effect(buckets={"episode_id": 9, "show_id": 7})


def test_buckets_change_the_named_features_only() -> None:
    buckets = {feature.name: feature.buckets for feature in FeaturesConfig(buckets={"show_id": 7}).table()}
    assert buckets["show_id"] == 7
    assert buckets["episode_id"] == 50_000


RECENT = {"name": "recent", "group": "user", "kind": "hashed_list", "column": "users.recent", "per": "request"}
RECENT |= {"length": 3, "shares": "show_id"}


def test_a_sharing_feature_has_the_buckets_of_the_other_one() -> None:
    config = FeaturesConfig.model_validate({"extra": [RECENT], "buckets": {"show_id": 7}})
    assert {feature.name: feature.buckets for feature in config.table()}["recent"] == 7
    alone = FeaturesConfig.model_validate({"extra": [RECENT | {"buckets": 9}], "without": ["show_id"]})
    assert {feature.name: feature.buckets for feature in alone.table()}["recent"] == 9


def test_only_a_hashed_feature_shares_and_only_with_one_that_has_buckets() -> None:
    with pytest.raises(ValidationError, match="recent: only hashed kinds can have `shares`, not categories; remove it"):
        FeaturesConfig.model_validate({"extra": [RECENT | {"kind": "categories"}]})
    with pytest.raises(ValidationError, match="recent: a feature cannot share the rows of itself"):
        FeaturesConfig.model_validate({"extra": [RECENT | {"shares": "recent"}]})
    with pytest.raises(ValueError, match="'recent' is not a hashed feature"):
        FeaturesConfig.model_validate({"extra": [RECENT], "buckets": {"recent": 7}}).check(Domain())
    with pytest.raises(ValueError, match="recent shares the rows of genres, which has no hash buckets"):
        FeaturesConfig.model_validate({"extra": [RECENT | {"shares": "genres"}]}).check(Domain())


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"without": ["houre"]}, "there is no built-in feature 'houre'; did you mean hour"),
        ({"extra": [MOOD, MOOD]}, "the name 'mood' is taken"),
        ({"extra": [MOOD.model_copy(update={"name": "hour"})]}, "the name 'hour' is taken"),
        ({"extra": [MOOD.model_copy(update={"name": "user_id"})]}, "the name 'user_id' belongs to a column that every"),
        ({"extra": [MOOD.model_copy(update={"column": "impressions.user_id"})]}, "may not be a model input"),
        ({"extra": [MOOD.model_copy(update={"column": "impressions.spend_micros"})]}, "may not be a model input"),
        ({"extra": [MOOD.model_copy(update={"per": "request", "column": "impressions.slot"})]}, "write per: candidate"),
        ({"extra": [MOOD.model_copy(update={"per": "request", "column": "derived.show_hours_30d"})]}, "per: candidate"),
        (
            {"extra": [MOOD.model_dump() | {"column": "interactions.score"}]},
            "cannot come from 'interactions'; name a column of",
        ),
        ({"extra": [MOOD.model_dump() | {"column": "mood"}]}, "should match pattern"),
        ({"extra": [WITHOUT_KIND | {"kind": "categories"}]}, "moods: give its `length`, how many values are kept"),
        ({"extra": [WITHOUT_KIND | {"kind": "vector"}]}, "moods: give its `length`, the vectors' dimension"),
        ({"buckets": {"hour": 5}}, "'hour' is not a hashed feature; valid names are show_id"),
        ({"buckets": {"show_id": 0}}, "buckets.show_id\n  Input should be greater than 0"),
        ({"without": ["zzz*"]}, "there is no built-in feature 'zzz\\*'; docs/data.md#features has the names"),
        ({"groups": []}, "at least 1 item"),
        ({"groups": ["users"]}, "'user', 'content', 'context' or 'creative'"),
        (
            {"extra": [WITHOUT_KIND | {"kind": "word"}]},
            "unknown kind 'word'; valid kinds are numeric, category",
        ),
        ({"groups": ["context"]}, "`groups` and `without`: no feature is left that differs between the candidates"),
        (
            {
                "groups": ["user", "context"],
                "without": [
                    feature.name for feature in FEATURES if feature.group == "user" and feature.per == "candidate"
                ],
            },
            "no feature is left that differs",
        ),
        ({"vocab": 3}, "Extra inputs are not permitted"),
    ],
)
def test_an_error_names_the_wrong_value_and_the_valid_ones(values: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        FeaturesConfig.model_validate(values).check(Domain())


def test_switching_off_a_group_changes_models_but_not_transform() -> None:
    ablation = FeaturesConfig(groups=("user", "content", "context"))
    assert ablation.for_transform() == FeaturesConfig().for_transform()
    assert {feature.group for feature in ablation.chosen()} == {"user", "content", "context"}


def test_the_config_of_transform_can_be_read_back() -> None:
    config = FeaturesConfig(extra=(MOOD,), without=("hour",), buckets={"show_id": 7}, vocabulary_size=3)
    restored = TransformConfig.model_validate(config.for_transform()["features"])
    assert (restored.table, restored.vocabulary_size, restored.vocabulary_min_count) == (config.table(), 3, 5)


SAVE = {"save": Label(kind="save")}


@pytest.mark.parametrize(
    ("values", "domain", "message"),
    [
        ({"extra": [MOOD.model_copy(update={"name": "stream"})]}, Domain(), "'stream' is also the name of a feature"),
        ({}, Domain(labels=DEFAULT_LABELS | {"hour": SAVE["save"]}), "'hour' is also the name of a feature"),
        ({}, Domain(labels=DEFAULT_LABELS | {"less_streamed": SAVE["save"]}), "'less_streamed' belongs to a column"),
        (
            {"extra": [MOOD.model_copy(update={"source": "email"})]},
            Domain(),
            "mood has the source 'email', which is not declared; valid sources are promotion, ad",
        ),
    ],
)
def test_features_that_do_not_fit_the_domain_are_refused(
    values: dict[str, object], domain: Domain, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        FeaturesConfig.model_validate(values).check(domain)


def test_features_that_fit_the_domain_pass() -> None:
    config = FeaturesConfig(extra=(MOOD.model_copy(update={"source": "email"}),))
    config.check(Domain(sources=("promotion", "email"), labels=DEFAULT_LABELS | SAVE))
    FeaturesConfig(without=("hour",)).check(Domain(labels=DEFAULT_LABELS | {"hour": SAVE["save"]}))


def test_candidates_need_a_feature_of_their_own() -> None:
    assert problem_without_candidates(FEATURES) is None
    assert problem_without_candidates(tuple(feature for feature in FEATURES if feature.per == "request")) is not None
    assert problem_without_candidates(()) is not None
