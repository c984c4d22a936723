"""The executor behind `AtomicPusher`: checks the blessing, publishes, and records what happened."""

import posixpath
from typing import Any

from absl import logging
from tfx import types
from tfx.components.pusher import executor as tfx_pusher
from tfx.proto import pusher_pb2
from tfx.types import artifact_utils, standard_component_specs
from tfx.utils import io_utils, proto_utils

from components.pusher.errors import PushError
from components.pusher.outputs import lost_outputs
from components.pusher.publish import Publication, publish

OUTCOME = "push_outcome"
MESSAGE = "push_message"


class Executor(tfx_pusher.Executor):
    """Publishes a blessed model as TFX's Pusher does, but atomically and once.

    The PushedModel artifact bears TFX's properties `pushed`, `pushed_destination` and `pushed_version`, and of ours
    `push_outcome` (`published`, `already_published` or `not_blessed`) and `push_message`, a sentence to show.
    A model that had been published before counts as pushed, to the version it has.
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
            _say(pushed, "not_blessed", "Nothing was published: the model is not blessed.")
            return
        model = self.GetModelPath(input_dict)
        publication = publish(model, _directory(exec_properties))
        io_utils.copy_dir(model, pushed.uri)
        self._MarkPushed(pushed, pushed_destination=publication.path, pushed_version=str(publication.version))
        if publication.new:
            said = f"Published version {publication.version} at {publication.path}"
            _say(pushed, "published", f"{said}{_repaired(publication)}{_lacking(publication)}.")
            return
        _say(
            pushed,
            "already_published",
            f"Nothing was published: this model is version {publication.version} already{_superseded(publication)}.",
        )


def _repaired(publication: Publication) -> str:
    """Why a model that had been published is published again."""
    if publication.damaged is None:
        return ""
    return f", as version {publication.damaged} of this model is damaged: its files are not those that were pushed"


def _lacking(publication: Publication) -> str:
    """What clients of the version that was served before will miss."""
    lost = lost_outputs(publication.replaced, publication.path) if publication.replaced else []
    if not lost:
        return ""
    return (
        f"; it lacks outputs that version {posixpath.basename(publication.replaced or '')} has, so that clients who "
        f"read them fail: {', '.join(lost)}; serve another recipe under another serving.model_name"
    )


def _superseded(publication: Publication) -> str:
    """What to do where newer versions keep the model from being served."""
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


def _say(pushed: types.Artifact, outcome: str, message: str) -> None:
    pushed.set_string_custom_property(OUTCOME, outcome)
    pushed.set_string_custom_property(MESSAGE, message)
    logging.info(message)
