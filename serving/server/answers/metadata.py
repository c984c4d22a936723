"""GetModelMetadata: the signatures of the model."""

from typing import Any

from tensorflow_serving.apis import get_model_metadata_pb2

from serving.server.answers.named_model import NamedModel
from serving.server.refusal import invalid
from serving.wire.pieces import parse_short

_SIGNATURE_DEF = "signature_def"


class Metadata:
    """Answers GetModelMetadata."""

    def __init__(self, named: NamedModel) -> None:
        self._named = named

    def parse(self, serialized: bytes) -> Any:
        """The GetModelMetadataRequest in `serialized`.

        Raises:
            DecodeError: it holds none.
        """
        return parse_short(get_model_metadata_pb2.GetModelMetadataRequest, serialized)

    def __call__(self, request: Any) -> Any:
        """The GetModelMetadataResponse with the field `signature_def`.

        Raises:
            Refusal: as TensorFlow Serving refuses; INVALID_ARGUMENT for any other field.
        """
        if not request.HasField("model_spec"):
            raise invalid("Missing ModelSpec")
        if not request.metadata_field:
            raise invalid("GetModelMetadataRequest must specify at least one metadata_field")
        for field in request.metadata_field:
            if field != _SIGNATURE_DEF:
                raise invalid(f"Metadata field {field} is not supported")
        model = self._named.of(request)
        signatures = get_model_metadata_pb2.SignatureDefMap()
        for name, definition in model.signature_defs.items():
            signatures.signature_def[name].CopyFrom(definition)
        response = get_model_metadata_pb2.GetModelMetadataResponse()
        self._named.identify(model, response)
        response.metadata[_SIGNATURE_DEF].Pack(signatures)
        return response
