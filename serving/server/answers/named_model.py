"""Which model a request names."""

from collections.abc import Callable
from typing import Any

from serving.server.refusal import invalid, not_found
from serving.server.versions.loaded_model import LoadedModel


class NamedModel:
    """The one model of a server, found by the `model_spec` of a request."""

    def __init__(self, name: str, current: Callable[[], LoadedModel | None]) -> None:
        """Args: the model's name, and a function that returns the version served now, None before the first."""
        self.name = name
        self._current = current

    def of(self, request: Any) -> LoadedModel:
        """The loaded model that `request` names. It stays loaded as long as the caller holds it.

        Raises:
            Refusal: INVALID_ARGUMENT without a name, or with a version label; NOT_FOUND for another model or version.
        """
        if not request.HasField("model_spec"):
            raise invalid("Missing ModelSpec")
        spec = request.model_spec
        if not spec.name:
            raise invalid("ModelSpec has no name specified.")
        if spec.version_label:
            raise invalid(f"Unrecognized servable version label: {spec.version_label}")
        model = self._current()
        specific = spec.HasField("version")
        if spec.name != self.name or model is None or (specific and spec.version.value != model.version):
            servable = f"Specific({spec.name}, {spec.version.value})" if specific else f"Latest({spec.name})"
            raise not_found(f"Servable not found for request: {servable}")
        return model

    def identify(self, model: LoadedModel, response: Any) -> None:
        """Writes name and version of `model` into a response."""
        response.model_spec.name = self.name
        response.model_spec.version.value = model.version
