"""How far the logs can answer for a policy: its weights, and its picks that the logging policy could not have made."""

from dataclasses import dataclass

import numpy as np

from experiments.ab.measures.judging import MIN_EVENTS
from experiments.ab.off_policy.decisions import Decisions
from experiments.ab.off_policy.estimators import ratio
from experiments.ab.off_policy.target import Target
from simulation.arrays import Floats
from transforms.domain import STREAM

UNSUPPORTED = 0.01
"""Share of the policy's picks outside the support from which IPS and SNIPS are not to be trusted."""

LEAST_EFFECTIVE = 0.05
"""Share of the decisions below which the effective sample is small."""

LARGEST_SHARE = 0.05
"""Share of all weight that a single decision may carry."""

_ROUNDING = 1e-9
"""An average weight that is off by no more is right: logs without exploring give the same difference in each row."""

_SURE = 3.29
"""Standard errors from which the average weight is off by more than chance (p < 0.001)."""


@dataclass(frozen=True)
class Support:
    """Size and weights of the sample that estimates come from.

    Attributes:
        decisions, users: how many.
        effective: (sum of weights)^2 / sum of squares (Kish 1965): as many decisions of equal weight say as much.
        largest: the largest weight.
        largest_share: the share of all weight that it carries.
        unsupported: share of the policy's picks that the logging policy could not have made.
        mean_weight: the average weight; 1 - `unsupported` on average if the probabilities are right.
        misfit: how many standard errors it is away from that.
        events: streams of decisions that the policy could have made.
    """

    decisions: int
    users: int
    effective: float
    largest: float
    largest_share: float
    unsupported: float
    mean_weight: float
    misfit: float
    events: int

    @property
    def warnings(self) -> tuple[str, ...]:
        """Why estimates are not to be trusted, a sentence each; none if nothing speaks against it."""
        reasons = []
        if self.unsupported > UNSUPPORTED:
            reasons.append(
                f"No support: the logging policy could not have made {self.unsupported:.1%} of the policy's picks. IPS "
                "counts these as 0 and SNIPS leaves them out. For DR, only the model speaks for them."
            )
        if self.effective < LEAST_EFFECTIVE * self.decisions:
            reasons.append(
                f"Uneven weights: {self.decisions:,} impressions say no more than {self.effective:,.0f} impressions of "
                "the policy itself."
            )
        if self.largest_share > LARGEST_SHARE:
            reasons.append(
                f"Huge weight: one impression counts {self.largest:,.1f} times, which is {self.largest_share:.1%} of "
                "all weight."
            )
        if abs(self.misfit) > _SURE:
            reasons.append(
                f"Wrong probabilities: the average weight is {self.mean_weight:.3f}, and "
                f"{1 - self.unsupported:.3f} would be right. The logged probabilities are not those of the picks, or "
                "candidates are missing."
            )
        if self.events < MIN_EVENTS:
            reasons.append(
                f"Few events: {self.events} streams after picks that the policy could make are too few to judge."
            )
        return tuple(reasons)


def weights_of(decisions: Decisions, target: Target) -> Floats:
    """The weight of each decision, [n]."""
    return decisions.at_chosen(target.probability) / decisions.at_chosen(decisions.probability)


def support_of(decisions: Decisions, target: Target, weight: Floats) -> Support:
    """The support of `target` in the logs; `weight` of `weights_of`, [n]."""
    largest = float(weight.max())
    parts = weight / largest if largest else weight  # of the largest one, so that no square overflows
    total, squares = float(parts.sum()), float(np.sum(parts**2))
    outside = np.where(decisions.probability > 0, 0.0, target.probability).sum(axis=1)
    misfit = ratio(weight - (1.0 - outside), np.ones(len(decisions)), decisions.user)
    return Support(
        decisions=len(decisions),
        users=int(decisions.user.max()) + 1,
        effective=total**2 / squares if squares else 0.0,
        largest=largest,
        largest_share=1.0 / total if total else 0.0,
        unsupported=float(outside.mean()),
        mean_weight=float(weight.mean()),
        misfit=misfit.value / misfit.error if misfit.error > 0 and abs(misfit.value) > _ROUNDING else 0.0,
        events=int(decisions.outcomes[STREAM][weight > 0].sum()),
    )
