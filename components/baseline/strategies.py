"""Which of earlier runs' artifacts this run is compared with, found through ML Metadata.

What this run itself produced is never its own baseline, so that an unchanged rerun finds the same one and stays cached.
"""

from collections.abc import Callable, Sequence
from typing import Any

from absl import logging
from ml_metadata.proto import metadata_store_pb2
from tfx.components.evaluator import constants
from tfx.dsl.components.common.resolver import ResolverStrategy
from tfx.dsl.io import fileio
from tfx.types.artifact import Artifact

Artifacts = dict[str, list[Artifact]]

TRIAL = "trial"
"""The execution property of an Evaluator whose model is not to be pushed whatever comes out."""


class LastBlessedModel(ResolverStrategy):
    """The model that was blessed last, its folder still there and not the one at hand, with its blessing.

    Channels: `model` (of the whole pipeline), `model_blessing` (of one recipe's Evaluator) and `current` (the model
    at hand).

    Args:
        trials: whether blessings of trials count. A trial is compared with trials too, but what is to be served is
            held to what was: a weak ablation must not lower that bar, nor a strong one raise it.
    """

    def __init__(self, trials: bool = False) -> None:
        self._trials = trials

    def resolve_artifacts(self, store: Any, input_dict: Artifacts) -> Artifacts:
        """`input_dict` with at most one artifact each under `model` and `model_blessing`."""
        blessings = [
            one for one in input_dict["model_blessing"] if _number(one, constants.ARTIFACT_PROPERTY_BLESSED_KEY) == 1
        ]
        found = last_approved(
            input_dict["model"],
            [one for one in blessings if self._trials or not _of_trial(store, one)],
            approves=lambda blessing: _number(blessing, constants.ARTIFACT_PROPERTY_CURRENT_MODEL_ID_KEY),
            current=input_dict["current"],
        )
        model, blessing = found or (None, None)
        return {
            **input_dict,
            "model": [model] if model else [],
            "model_blessing": [blessing] if blessing else [],
        }


class LastPassedStatistics(ResolverStrategy):
    """The statistics that passed AnomalyGate last, other than those at hand.

    Channels: `statistics` (of the whole pipeline), `passed` (of AnomalyGate) and `current` (those at hand).
    """

    def resolve_artifacts(self, store: Any, input_dict: Artifacts) -> Artifacts:  # noqa: ARG002
        """`input_dict` with at most one artifact each under `statistics` and `passed`."""
        found = last_approved(
            input_dict["statistics"],
            input_dict["passed"],
            approves=lambda passed: passed.statistics_id,
            current=input_dict["current"],
        )
        statistics, passed = found or (None, None)
        return {
            **input_dict,
            "statistics": [statistics] if statistics else [],
            "passed": [passed] if passed else [],
        }


def last_approved(
    candidates: Sequence[Artifact],
    approvals: Sequence[Artifact],
    *,
    approves: Callable[[Artifact], int],
    current: Sequence[Artifact],
) -> tuple[Artifact, Artifact] | None:
    """The candidate of the newest approval, with that approval; None if no approval is of another one than `current`.

    Args:
        candidates: artifacts to choose from; one whose folder is gone is not chosen.
        approvals: artifacts, the newest having the greatest id.
        approves: the id of the candidate that an approval is of.
        current: candidates that are not to be chosen.
    """
    excluded = {artifact.id for artifact in current}
    by_id = {artifact.id: artifact for artifact in candidates if artifact.id not in excluded}
    told = False
    for approval in sorted(approvals, key=lambda artifact: artifact.id, reverse=True):
        candidate = by_id.get(approves(approval))
        if candidate is None:
            continue
        if fileio.exists(candidate.uri):
            return candidate, approval
        if not told:
            logging.warning("%s passed last and is gone: what is compared with is older, or nothing", candidate.uri)
            told = True
    return None


def _of_trial(store: Any, blessing: Artifact) -> bool:
    """Whether the Evaluator that gave the blessing was marked by `TRIAL`."""
    events = store.get_events_by_artifact_ids([blessing.id])
    makers = [event.execution_id for event in events if event.type == metadata_store_pb2.Event.OUTPUT]
    return any(TRIAL in execution.custom_properties for execution in store.get_executions_by_id(makers))


def _number(artifact: Artifact, key: str) -> int:
    return int(artifact.get_int_custom_property(key))
