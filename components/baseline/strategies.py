"""The artifacts of earlier runs that this run is compared with, found through ML Metadata.

A run is never compared with its own artifacts, so that an unchanged rerun finds the same ones and stays cached.
"""

from collections.abc import Callable, Sequence
from typing import Any

from absl import logging
from ml_metadata.proto import metadata_store_pb2
from tfx.components.evaluator import constants
from tfx.dsl.components.common.resolver import ResolverStrategy
from tfx.dsl.io import fileio
from tfx.types.artifact import Artifact

from components.servable.artifacts import BLESSED, MODEL_ID

Artifacts = dict[str, list[Artifact]]

TRIAL = "trial"
"""The execution property of an Evaluator whose model is never pushed, whatever the outcome."""


class LastBlessedModel(ResolverStrategy):
    """The model that was blessed last, with its blessing; its folder still exists, and it is not the current one.

    A model that no server could use was never published, so it does not count as a baseline.

    Channels: `model` (of the whole pipeline), `model_blessing` (of one branch's Evaluator), `servable` (of
    ServableGate; may be absent) and `current` (the model of this run).

    Args:
        trials: whether blessings of trials count. A trial is compared with other trials too. A model that may be pushed
            is compared only with models that could be pushed: an ablation must neither lower nor raise the bar.
    """

    def __init__(self, trials: bool = False) -> None:
        self._trials = trials

    def resolve_artifacts(self, store: Any, input_dict: Artifacts) -> Artifacts:
        """`input_dict` with at most one artifact each under `model` and `model_blessing`."""
        verdicts = sorted(input_dict.get("servable", ()), key=lambda verdict: verdict.id)
        servable = {_number(verdict, MODEL_ID): _number(verdict, BLESSED) for verdict in verdicts}
        blessings = [
            blessing
            for blessing in input_dict["model_blessing"]
            if _number(blessing, constants.ARTIFACT_PROPERTY_BLESSED_KEY) == 1
            and (self._trials or not _of_trial(store, blessing))
            and servable.get(_model_id(blessing), 1)
        ]
        last = last_approved(input_dict["model"], blessings, approves=_model_id, current=input_dict["current"])
        model, blessing = last or (None, None)
        return {
            **input_dict,
            "model": [model] if model else [],
            "model_blessing": [blessing] if blessing else [],
        }


class LastPassedStatistics(ResolverStrategy):
    """The statistics that passed AnomalyGate last, other than those of this run.

    Channels: `statistics` (of the whole pipeline), `passed` (of AnomalyGate) and `current` (those of this run).
    """

    def resolve_artifacts(self, store: Any, input_dict: Artifacts) -> Artifacts:  # noqa: ARG002
        """`input_dict` with at most one artifact each under `statistics` and `passed`."""
        last = last_approved(
            input_dict["statistics"],
            input_dict["passed"],
            approves=lambda passed: passed.statistics_id,
            current=input_dict["current"],
        )
        statistics, passed = last or (None, None)
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
    """The candidate with the newest approval, and that approval; None if no approval names a candidate.

    Args:
        candidates: artifacts to choose from; one whose folder is gone is not chosen.
        approvals: artifacts; the newest has the greatest id.
        approves: gives the id of the candidate that an approval names.
        current: candidates that must not be chosen.
    """
    excluded = {artifact.id for artifact in current}
    by_id = {artifact.id: artifact for artifact in candidates if artifact.id not in excluded}
    warned = False
    for approval in sorted(approvals, key=lambda artifact: artifact.id, reverse=True):
        candidate = by_id.get(approves(approval))
        if candidate is None:
            continue
        if fileio.exists(candidate.uri):
            return candidate, approval
        if not warned:
            logging.warning(
                "The result that passed last, %s, is gone: this run compares with an older one, or with none",
                candidate.uri,
            )
            warned = True
    return None


def _of_trial(store: Any, blessing: Artifact) -> bool:
    """Whether the Evaluator that gave the blessing has the property `TRIAL`."""
    events = store.get_events_by_artifact_ids([blessing.id])
    makers = [event.execution_id for event in events if event.type == metadata_store_pb2.Event.OUTPUT]
    return any(TRIAL in execution.custom_properties for execution in store.get_executions_by_id(makers))


def _model_id(blessing: Artifact) -> int:
    return _number(blessing, constants.ARTIFACT_PROPERTY_CURRENT_MODEL_ID_KEY)


def _number(artifact: Artifact, key: str) -> int:
    return int(artifact.get_int_custom_property(key))
