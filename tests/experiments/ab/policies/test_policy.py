"""The option --policies."""

import pytest

from experiments.ab.errors import ExperimentError
from experiments.ab.policies.choosing import EpsilonGreedy, Softmax, greedy
from experiments.ab.policies.policy import Policy, policies_of


def test_policies_by_hand() -> None:
    assert policies_of(["promotions_only", "joint@raw", "joint@raw+epsilon=0.1", "joint@softmax=0.5"]) == (
        Policy("promotions_only", "promotions_only", raw=False, choice=greedy),
        Policy("joint@raw", "joint", raw=True, choice=greedy),
        Policy("joint@raw+epsilon=0.1", "joint", raw=True, choice=EpsilonGreedy(0.1)),
        Policy("joint@softmax=0.5", "joint", raw=False, choice=Softmax(0.5)),
    )


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        (["joint"], "at least two"),
        (["joint", "joint"], "names joint twice"),
        (["a", "joint@cold"], "'cold' is no change of a policy; write BRANCH"),
        (["a", "joint@epsilon=2"], "'epsilon=2' is no change"),
        (["a", "joint@epsilon=."], "'epsilon=.' is no change"),
        (["a", "@raw"], "names no branch"),
    ],
)
def test_wrong_policies(texts: list[str], message: str) -> None:
    with pytest.raises(ExperimentError, match=message):
        policies_of(texts)
