import pytest
from pydantic import ValidationError

from transforms.config import FeaturesConfig, problem_without_candidates
from transforms.domain import DEFAULT_LABELS, Domain, Label
from transforms.feature import Feature
from transforms.features import FEATURES

MOOD = Feature(name="mood", group="content", kind="category", column="shows.mood", per="candidate")
WITHOUT_KIND = {"name": "moods", "group": "content", "column": "shows.moods", "per": "candidate"}


def test_an_extra_feature_can_replace_a_built_in_one_of_the_same_name() -> None:
    own = MOOD.model_copy(
        update={"name": "show_embedding", "kind": "vector", "column": "shows.embedding", "length": 64}
    )
    config = FeaturesConfig(extra=(own,), without=("show_embedding",))
    assert [feature.length for feature in config.table() if feature.name == "show_embedding"] == [64]


def test_the_table_is_the_built_in_one_without_some_features_then_the_extra_ones() -> None:
    config = FeaturesConfig(extra=(MOOD,), without=("hour", "slot"))
    names = [feature.name for feature in FEATURES if feature.name not in ("hour", "slot")]
    assert [feature.name for feature in config.table()] == [*names, "mood"]


def test_a_feature_name_must_be_valid_in_a_signature() -> None:
    with pytest.raises(ValidationError, match="no signature can have an input of this name"):
        Feature.model_validate(MOOD.model_dump() | {"name": "self"})


def test_choices_with_the_same_effect_make_the_same_config() -> None:
    assert FeaturesConfig(without=("hour", "slot")) == FeaturesConfig(without=("slot", "hour", "slot"))
    table = {feature.name: feature.buckets for feature in FEATURES}
    assert FeaturesConfig(buckets={"show_id": table["show_id"]}) == FeaturesConfig()
    assert FeaturesConfig(buckets={"show_id": 7}, without=("show_id",)) == FeaturesConfig(without=("show_id",))
    taken = {"name": "episode_id", "group": "content", "kind": "category", "column": "shows.kind", "per": "candidate"}
    replaced = {"without": ("episode_id",), "extra": (taken,)}
    assert FeaturesConfig(**replaced, buckets={"episode_id": 7}) == FeaturesConfig(**replaced)
    first, second = ({"show_id": 7, "episode_id": 9}, {"episode_id": 9, "show_id": 7})
    assert FeaturesConfig(buckets=first).model_dump_json() == FeaturesConfig(buckets=second).model_dump_json()


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
    with pytest.raises(ValidationError, match="'recent' is not a hashed feature"):
        FeaturesConfig.model_validate({"extra": [RECENT], "buckets": {"recent": 7}})
    with pytest.raises(ValueError, match="recent shares the rows of genres, which has no hash buckets"):
        FeaturesConfig.model_validate({"extra": [RECENT | {"shares": "genres"}]}).check(Domain())


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"without": ["houre"]}, "unknown feature 'houre'; valid names are user_language"),
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
        ({"buckets": {"show_id": 0}}, "show_id needs at least one bucket"),
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
                    feature.name for feature in FEATURES if feature.name.startswith(("user_show_", "user_genre_"))
                ],
            },
            "no feature is left that differs",
        ),
        ({"vocab": 3}, "Extra inputs are not permitted"),
    ],
)
def test_an_error_names_the_wrong_value_and_the_valid_ones(values: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        FeaturesConfig.model_validate(values)


def test_switching_off_a_group_changes_models_but_not_transform() -> None:
    ablation = FeaturesConfig(groups=("user", "content", "context"))
    assert ablation.for_transform() == FeaturesConfig().for_transform()
    assert {feature.group for feature in ablation.chosen()} == {"user", "content", "context"}


def test_the_config_of_transform_can_be_read_back() -> None:
    config = FeaturesConfig(extra=(MOOD,), without=("hour",), buckets={"show_id": 7}, vocabulary_size=3)
    assert FeaturesConfig.model_validate(config.for_transform()["features"]) == config


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
