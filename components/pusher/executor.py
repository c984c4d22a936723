"""The executor behind `AtomicPusher`: checks the blessing, publishes, and records what happened."""

import posixpath
from typing import Any

from absl import logging
from tfx import types
from tfx.components.pusher import executor as tfx_pusher
from tfx.components.util import model_utils
from tfx.proto import pusher_pb2
from tfx.types import artifact_utils, standard_component_specs
from tfx.utils import io_utils, proto_utils

from components.pusher.errors import PushError
from components.pusher.outputs import lost_outputs
from components.pusher.publish import Publication, publish
from components.servable.artifacts import REASON

OUTCOME = "push_outcome"
MESSAGE = "push_message"


class Executor(tfx_pusher.Executor):
    """Publishes a blessed model as TFX's Pusher does, but atomically and once.

    The PushedModel artifact has TFX's properties `pushed`, `pushed_destination` and `pushed_version`, and two of ours:
    `push_outcome` (`published`, `already_published`, `not_blessed` or `not_servable`) and `push_message`, a sentence
    to show. A model that was published before counts as pushed, to the version it has.
    """

    def Do(  # noqa: N802
        self,
        input_dict: dict[str, list[types.Artifact]],
        output_dict: dict[str, list[types.Artifact]],
        exec_properties: dict[str, Any],
    ) -> None:
        """Pushes the model of `input_dict` if it is blessed; arguments as TFX's Pusher."""
        self._log_startup(input_dict, output_dict, exec_properties)
        pushed = artifact_utils.get_single_instance(output_dict[standard_component_specs.PUSHED_MODEL_KEY])
        if not self.CheckBlessing(input_dict):
            self._MarkNotPushed(pushed)
            _report(pushed, *_refusal(input_dict))
            return
        model = self.GetModelPath(input_dict)
        publication = publish(model, _directory(exec_properties))
        io_utils.copy_dir(model, pushed.uri)
        self._MarkPushed(pushed, pushed_destination=publication.path, pushed_version=str(publication.version))
        if publication.new:
            message = f"Published version {publication.version} at {publication.path}"
            _report(pushed, "published", f"{message}{_repaired(publication)}{_lacking(publication)}.")
            return
        _report(
            pushed,
            "already_published",
            f"Nothing was published: this model is version {publication.version} already{_superseded(publication)}.",
        )


def _refusal(input_dict: dict[str, list[types.Artifact]]) -> tuple[str, str]:
    """The outcome and the message for a model that may not be pushed."""
    blessing = artifact_utils.get_single_instance(input_dict[standard_component_specs.MODEL_BLESSING_KEY])
    if not model_utils.is_model_blessed(blessing):
        return "not_blessed", "Nothing was published: the model is not blessed."
    verdict = artifact_utils.get_single_instance(input_dict[standard_component_specs.INFRA_BLESSING_KEY])
    reason = verdict.get_string_custom_property(REASON) or f"see the files in {verdict.uri}"
    return "not_servable", f"Nothing was published: the model is blessed, but no server could use it: {reason}."


def _repaired(publication: Publication) -> str:
    """Why a model is published again."""
    if publication.damaged is None:
        return ""
    return f", because version {publication.damaged} of this model is damaged: its files have changed since its push"


def _lacking(publication: Publication) -> str:
    """The outputs that clients of the version served before will miss."""
    lost = lost_outputs(publication.replaced, publication.path) if publication.replaced else []
    if not lost:
        return ""
    return (
        f"; it lacks outputs of version {posixpath.basename(publication.replaced or '')}, and clients that read them "
        f"fail: {', '.join(lost)}; serve another recipe under another serving.model_name"
    )


def _superseded(publication: Publication) -> str:
    """The newer versions that servers prefer, and how to get this one served; empty if there are none."""
    if not publication.newer:
        return ""
    directory = posixpath.dirname(publication.path)
    folders = (
        f"folder {posixpath.join(directory, str(publication.newer[0]))}"
        if len(publication.newer) == 1
        else f"folders of all newer versions in {directory}"
    )
    return (
        f", but servers serve the newest version, {publication.newer[-1]}; to serve version {publication.version} "
        f"again, remove the {folders}"
    )


def _directory(exec_properties: dict[str, Any]) -> str:
    destination = pusher_pb2.PushDestination()
    proto_utils.json_to_proto(exec_properties[standard_component_specs.PUSH_DESTINATION_KEY], destination)
    if destination.WhichOneof("destination") != "filesystem" or not destination.filesystem.base_directory:
        raise PushError("The push destination names no folder; set pusher.directory to the folder of the versions.")
    return destination.filesystem.base_directory


def _report(pushed: types.Artifact, outcome: str, message: str) -> None:
    pushed.set_string_custom_property(OUTCOME, outcome)
    pushed.set_string_custom_property(MESSAGE, message)
    logging.info(message)
