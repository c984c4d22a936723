"""PredictionService and ModelService of TensorFlow Serving's gRPC API over one watched model."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

import grpc
import numpy as np
import tensorflow as tf
from tensorflow_serving.apis import (
    get_model_metadata_pb2,
    get_model_status_pb2,
    model_service_pb2_grpc,
    predict_pb2,
    prediction_service_pb2_grpc,
)

from serving import tensors
from serving.loaded_model import LoadedModel
from serving.refusal import Refusal, invalid, not_found
from serving.watcher import Watcher

_SIGNATURE_DEF = "signature_def"
Message = Any  # what protoc generates has no types


class PredictionService(prediction_service_pb2_grpc.PredictionServiceServicer):
    """Predict and GetModelMetadata; everything else is UNIMPLEMENTED."""

    def __init__(self, model_name: str, watcher: Watcher) -> None:
        self._model_name = model_name
        self._watcher = watcher

    def Predict(self, request: Message, context: grpc.ServicerContext) -> Message:  # noqa: N802 - gRPC's name
        """Runs one signature of the model."""
        with _refusals(context):
            model = self._model(request)
            name = request.model_spec.signature_name or tf.saved_model.DEFAULT_SERVING_SIGNATURE_DEF_KEY
            signature = model.signatures.get(name)
            if signature is None:
                details = f'Serving signature key "{name}" not found.'
                raise Refusal(grpc.StatusCode.FAILED_PRECONDITION, details)
            outputs = signature.run(request.inputs, request.output_filter)
            response = predict_pb2.PredictResponse()
            self._identify(model, response)
            response.model_spec.signature_name = name
            for alias, array in outputs.items():
                _encode(array, response.outputs[alias])
            return response

    def GetModelMetadata(self, request: Message, context: grpc.ServicerContext) -> Message:  # noqa: N802
        """Tells the signatures of the model."""
        with _refusals(context):
            if not request.HasField("model_spec"):
                raise invalid("Missing ModelSpec")
            if not request.metadata_field:
                raise invalid("GetModelMetadataRequest must specify at least one metadata_field")
            for field in request.metadata_field:
                if field != _SIGNATURE_DEF:
                    raise invalid(f"Metadata field {field} is not supported")
            model = self._model(request)
            signatures = get_model_metadata_pb2.SignatureDefMap()
            for name, definition in model.signature_defs.items():
                signatures.signature_def[name].CopyFrom(definition)
            response = get_model_metadata_pb2.GetModelMetadataResponse()
            self._identify(model, response)
            response.metadata[_SIGNATURE_DEF].Pack(signatures)
            return response

    def Classify(self, request: Message, context: grpc.ServicerContext) -> NoReturn:  # noqa: ARG002, N802
        """Refused: the model's signatures are for Predict."""
        _unimplemented(context, "Classify")

    def Regress(self, request: Message, context: grpc.ServicerContext) -> NoReturn:  # noqa: ARG002, N802
        """Refused: the model's signatures are for Predict."""
        _unimplemented(context, "Regress")

    def MultiInference(self, request: Message, context: grpc.ServicerContext) -> NoReturn:  # noqa: ARG002, N802
        """Refused: the model's signatures are for Predict."""
        _unimplemented(context, "MultiInference")

    def _model(self, request: Message) -> LoadedModel:
        """The model asked for; the caller's reference keeps it while it is used."""
        if not request.HasField("model_spec"):
            raise invalid("Missing ModelSpec")
        spec = request.model_spec
        if not spec.name:
            raise invalid("ModelSpec has no name specified.")
        if spec.version_label:
            raise invalid(f"Unrecognized servable version label: {spec.version_label}")
        model = self._watcher.current
        specific = spec.HasField("version")
        if spec.name != self._model_name or model is None or (specific and spec.version.value != model.version):
            asked = f"Specific({spec.name}, {spec.version.value})" if specific else f"Latest({spec.name})"
            raise not_found(f"Servable not found for request: {asked}")
        return model

    def _identify(self, model: LoadedModel, response: Message) -> None:
        response.model_spec.name = self._model_name
        response.model_spec.version.value = model.version


class ModelService(model_service_pb2_grpc.ModelServiceServicer):
    """GetModelStatus; reloading a configuration is UNIMPLEMENTED."""

    def __init__(self, model_name: str, watcher: Watcher) -> None:
        self._model_name = model_name
        self._watcher = watcher

    def GetModelStatus(self, request: Message, context: grpc.ServicerContext) -> Message:  # noqa: N802
        """Tells the state of one version, or of all, the greatest first."""
        with _refusals(context):
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

    def HandleReloadConfigRequest(self, request: Message, context: grpc.ServicerContext) -> NoReturn:  # noqa: ARG002, N802
        """Refused: the one model is given at the start."""
        _unimplemented(context, "HandleReloadConfigRequest")


def _encode(array: np.ndarray, proto: Message) -> None:
    if tensors.encodable(array):
        tensors.encode(array, proto)
    else:  # bfloat16 and the like
        proto.CopyFrom(tf.make_tensor_proto(array))


@contextmanager
def _refusals(context: grpc.ServicerContext) -> Iterator[None]:
    try:
        yield
    except Refusal as refusal:
        context.abort(refusal.code, refusal.details)


def _unimplemented(context: grpc.ServicerContext, method: str) -> NoReturn:
    context.abort(grpc.StatusCode.UNIMPLEMENTED, f"{method} is not served here; use Predict")
    raise AssertionError("abort returned")
