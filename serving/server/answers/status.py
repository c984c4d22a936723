"""GetModelStatus: the state of each version."""

from typing import Any

from tensorflow_serving.apis import get_model_status_pb2

from serving.server.refusal import invalid, not_found
from serving.server.versions.watcher import Watcher
from serving.wire.pieces import parse_short


class Status:
    """Answers GetModelStatus."""

    def __init__(self, model_name: str, watcher: Watcher) -> None:
        self._model_name = model_name
        self._watcher = watcher

    def parse(self, serialized: bytes) -> Any:
        """The GetModelStatusRequest in `serialized`.

        Raises:
            DecodeError: it holds none.
        """
        return parse_short(get_model_status_pb2.GetModelStatusRequest, serialized)

    def __call__(self, request: Any) -> Any:
        """The GetModelStatusResponse for one version, or for all, the greatest first.

        Raises:
            Refusal: INVALID_ARGUMENT without a model_spec, NOT_FOUND for another model or version.
        """
        if not request.HasField("model_spec"):
            raise invalid("Missing ModelSpec")
        spec = request.model_spec
        states = self._watcher.states.all() if spec.name == self._model_name else []
        if spec.HasField("version"):
            states = [state for state in states if state.version == spec.version.value]
            if not states:
                raise not_found(f"Could not find version {spec.version.value} of model {spec.name}")
        if not states:
            raise not_found(f"Could not find any versions of model {spec.name}")
        response = get_model_status_pb2.GetModelStatusResponse()
        for state in states:
            status = response.model_version_status.add(version=state.version, state=state.state)
            status.status.error_code = state.error_code
            status.status.error_message = state.error
        return response
