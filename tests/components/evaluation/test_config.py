"""Sections of conditions that cannot be meant are refused, with their place."""

import pytest
from pydantic import ValidationError

from components.evaluation.config import EvaluatorConfig, Threshold, Tolerance
from transforms.domain import Domain


@pytest.mark.parametrize(
    ("tolerances", "twice"),
    [
        ([{"labels": ["stream"], "max_relative_drop": 0.01}, {"max_relative_drop": 0.5}], "stream on every source a"),
        ([{"tiers": [4, 3]}, {"sources": ["ad"], "tiers": [3, 4, 3]}], "every label on source ad of stream tiers 3, 4"),
        ([{}, {"labels": ["like"], "tiers": range(8)}], "like on every source a bound"),
        ([{"labels": ["click", "like"], "sources": ["ad"]}, {"labels": ["like"], "sources": ["ad"]}], "like on source"),
    ],
)
def test_two_tolerances_for_the_same_rows_are_rejected(tolerances: list, twice: str) -> None:
    with pytest.raises(ValidationError, match=f"entries 1 and 2 both give {twice}.*; leave it out of one of them"):
        EvaluatorConfig(tolerances=tolerances)


def test_two_thresholds_for_the_same_rows_are_rejected() -> None:
    stream, click = Threshold(source="ad"), Threshold(source="ad", label="click")
    for again in (Threshold(source="ad", min_lift=3), Threshold()):
        with pytest.raises(ValidationError, match="entries 1 and 3 both give stream on source ad a bound"):
            EvaluatorConfig(thresholds=[stream, click, again])
    assert EvaluatorConfig(thresholds=[stream, click, Threshold(source="promotion")])


def test_config_names_what_is_valid() -> None:
    with pytest.raises(ValidationError, match="between 0 and 7"):
        Tolerance(tiers=(3, 9))
    for nothing in ({"labels": ()}, {"sources": ()}):  # would compare nothing, unseen
        with pytest.raises(ValidationError, match="at least 1 item"):
            Tolerance(**nothing)
    with pytest.raises(ValidationError, match="Extra inputs"):
        EvaluatorConfig(treshold=())


@pytest.mark.parametrize(
    ("section", "entry", "message"),
    [
        ("thresholds", {"source": "email"}, "entry 2 has the unknown source 'email'; valid sources are promotion, ad"),
        ("thresholds", {"label": "save"}, "entry 2 has the unknown label 'save'; valid labels are stream, click, like"),
        ("tolerances", {"sources": ["ad", "email"], "tiers": [3]}, "entry 2 has the unknown source 'email'; valid"),
        ("tolerances", {"labels": ["save"], "tiers": [3]}, "entry 2 has the unknown label 'save'; valid labels"),
    ],
)
def test_names_that_the_config_does_not_declare_are_rejected_with_their_place(
    section: str, entry: dict, message: str
) -> None:
    first = {"thresholds": {"label": "click", "source": "ad"}, "tolerances": {}}[section]
    config = EvaluatorConfig.model_validate({section: [first, entry]})
    with pytest.raises(ValueError, match=f"^evaluator.{section}: {message}"):
        config.check_names(Domain())
    EvaluatorConfig().check_names(Domain())
