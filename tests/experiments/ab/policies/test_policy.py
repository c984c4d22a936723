"""The option --policies."""

import pytest

from experiments.ab.errors import ExperimentError
from experiments.ab.policies.choosing import EpsilonGreedy, Softmax, greedy
from experiments.ab.policies.policy import RAW, Policy, policies_of
from experiments.ab.simulate.retraining import own


def test_policies_by_hand() -> None:
    assert policies_of(["promotions_only", "joint@raw", "joint@raw+epsilon=0.1", "joint@softmax=0.5"]) == (
        Policy("promotions_only", "promotions_only", change="", choice=greedy),
        Policy("joint@raw", "joint", change=RAW, choice=greedy),
        Policy("joint@raw+epsilon=0.1", "joint", change=RAW, choice=EpsilonGreedy(0.1)),
        Policy("joint@softmax=0.5", "joint", change="", choice=Softmax(0.5)),
    )
    assert policies_of(["joint@calibrated", "joint"])[0].model == "joint@calibrated"


def test_a_model_of_its_own_has_the_name_of_its_arm() -> None:
    plain, exploring = own(policies_of(["joint", "joint@epsilon=0.1"]))
    assert (plain.model, exploring.model) == ("joint", "joint@epsilon=0.1")


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        (["joint"], "at least two"),
        (["joint", "joint"], "names joint twice"),
        (["a", "joint@cold"], "'cold' is no change of a policy; write BRANCH"),
        (["a", "joint@epsilon=2"], "'epsilon=2' is no change"),
        (["a", "joint@epsilon=."], "'epsilon=.' is no change"),
        (["a", "@raw"], "names no branch"),
        (["a", "joint@"], "'' is no change"),
        (
            ["a", "joint@raw+calibrated"],
            "joint@raw\\+calibrated: a policy is either raw or calibrated; give one of them",
        ),
        (["a", "joint@raw+raw"], "either raw or calibrated; give one of them, once"),
        (["a", "joint@epsilon=0.1+softmax=0.5"], "explores in one way; give one of epsilon and softmax, once"),
    ],
)
def test_wrong_policies(texts: list[str], message: str) -> None:
    with pytest.raises(ExperimentError, match=message):
        policies_of(texts)
