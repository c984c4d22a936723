"""A policy: a trained branch, how its probabilities are calibrated, and how it explores; read from options."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from experiments.ab.errors import ExperimentError
from experiments.ab.policies.choosing import Choice, EpsilonGreedy, Softmax, greedy

AD = "ad"
"""The source whose impressions the arms sell."""

_EXPLORING: dict[str, Callable[[float], Choice]] = {"epsilon": EpsilonGreedy, "softmax": Softmax}
_HOW = (
    "write BRANCH, BRANCH@raw, BRANCH@calibrated, BRANCH@epsilon=0.1, BRANCH@softmax=0.5, or several with +, as "
    "BRANCH@raw+epsilon=0.1"
)
RAW, CALIBRATED = "raw", "calibrated"
"""Changes of a model's probabilities."""


@dataclass(frozen=True)
class Policy:
    """One policy, such as that of an arm.

    Attributes:
        name: as the option gives it.
        branch: the branch of the run whose model predicts.
        change: of its probabilities: `RAW` takes the calibration of the exported model back, `CALIBRATED` calibrates
            them on ads; empty for none.
        choice: how the winner is picked.
        own: whether it has a model of its own, trained on the logs of its arm.
    """

    name: str
    branch: str
    change: str = ""
    choice: Choice = greedy
    own: bool = False

    @property
    def model(self) -> str:
        """Name of the model: the branch and the change of its probabilities, or the policy's name for its own model."""
        if self.own:
            return self.name
        return f"{self.branch}@{self.change}" if self.change else self.branch


def policies_of(texts: list[str]) -> tuple[Policy, ...]:
    """The policies of `--policies`; the first one is the control.

    Raises:
        ExperimentError: there are fewer than two, one repeats, or one has another form.
    """
    if len(texts) < 2:
        raise ExperimentError(
            "--policies needs at least two policies, the control first, such as promotions_only,joint"
        )
    if repeated := next((text for text in texts if texts.count(text) > 1), None):
        raise ExperimentError(f"--policies names {repeated} twice; name each policy once")
    return tuple(policy_of(text, "--policies") for text in texts)


def policy_of(text: str, option: str) -> Policy:
    """The policy that `text` describes.

    Raises:
        ExperimentError: it has another form; the message names the option.
    """
    branch, at, rest = text.partition("@")
    change = ""
    choice: Choice = greedy
    for word in rest.split("+") if at else ():
        name, _, value = word.partition("=")
        if word in (RAW, CALIBRATED):
            if change:
                raise ExperimentError(
                    f"{option} {text}: a policy is either {RAW} or {CALIBRATED}; give one of them, once"
                )
            change = word
        elif name in _EXPLORING and re.fullmatch(r"\d*\.?\d+", value) and 0 < float(value) <= 1:
            if choice is not greedy:
                raise ExperimentError(
                    f"{option} {text}: a policy explores in one way; give one of {' and '.join(_EXPLORING)}, once"
                )
            choice = _EXPLORING[name](float(value))
        else:
            raise ExperimentError(f"{option} {text}: {word!r} is no change of a policy; {_HOW}")
    if not branch:
        raise ExperimentError(f"{option} {text}: names no branch; {_HOW}")
    return Policy(text, branch, change, choice)
