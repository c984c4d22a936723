"""A small typed client of TensorFlow Serving's gRPC API. It needs neither TensorFlow nor this project's server."""

import time
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any

import grpc
import numpy as np

from models.signatures import CANDIDATES, EXAMPLES
from serving.client.arrays import examples_array, sendable
from serving.client.channel import connect
from serving.client.inputs import candidate_inputs, guessed_features
from serving.client.types import ModelMetadata, SignatureInfo, VersionStatus
from serving.config import ServingConfig
from serving.errors import (
    BadRequestError,
    ClosedError,
    DeadlineError,
    OverloadedError,
    ServingError,
    UnknownModelError,
    UnreachableError,
)
from serving.wire import tensors
from serving.wire.messages import message
from serving.wire.requests import serialized
from transforms.feature import Feature
from transforms.features import FEATURES

_PREDICTION = "/tensorflow.serving.PredictionService/"
_MODEL = "/tensorflow.serving.ModelService/"
_ERRORS: dict[grpc.StatusCode, type[ServingError]] = {
    grpc.StatusCode.UNAVAILABLE: UnreachableError,
    grpc.StatusCode.DEADLINE_EXCEEDED: DeadlineError,
    grpc.StatusCode.NOT_FOUND: UnknownModelError,
    grpc.StatusCode.FAILED_PRECONDITION: UnknownModelError,
    grpc.StatusCode.INVALID_ARGUMENT: BadRequestError,
    grpc.StatusCode.RESOURCE_EXHAUSTED: OverloadedError,
}


class Client:
    """Scores with one model of one server; a context manager. Several threads may use it at the same time.

    >>> with Client(ServingConfig(port=8500)) as client:  # doctest: +SKIP
    ...     client.score_candidates({"product": "free"}, {"show_id": ["s1", "s2"]})
    {'ad_stream': array([0.01, 0.02], dtype=float32), ...}
    """

    def __init__(
        self, config: ServingConfig, *, version: int | None = None, features: Sequence[Feature] = FEATURES
    ) -> None:
        """Connects, and waits until the server answers.

        Args:
            config: the server's host and port, the model's name, and the deadline of connecting and of each call.
            version: the version that scores; None takes the served one.
            features: the feature table of the config that trained the model, `config.feature_table`. It says which
                features belong to the request and which to each candidate. The built-in table is enough for a model
                without features of your own.

        Raises:
            UnreachableError: no server answers there in time.
            ServingError: `tls_ca` of the config cannot be read or holds no certificate, or `version` is not a version.
        """
        if version is not None and not 0 <= version < 2**63:
            raise ServingError(f"{version} is not a version; versions are numbers from 0 to 2^63 - 1.")
        self._address = config.address
        self._model_name = config.model_name
        self._version = version
        self._features = features
        self._timeout = config.timeout_seconds
        self._metadata: tuple[float, ModelMetadata] | None = None
        self._closed = False
        self._channel = connect(config)
        self._predict = self._method(_PREDICTION, "Predict")
        self._get_metadata = self._method(_PREDICTION, "GetModelMetadata")
        self._get_status = self._method(_MODEL, "GetModelStatus")

    def score_examples(self, examples: Sequence[bytes]) -> dict[str, np.ndarray]:
        """Probabilities by task, float32 of length N, for N serialized tf.Examples of raw features.

        Raises:
            ServingError: the subclass says which: not reachable, unknown model, overloaded, or wrong inputs.
        """
        return self._run(EXAMPLES, {"examples": examples_array(examples)})

    def score_candidates(
        self, request: Mapping[str, Any], candidates: Mapping[str, Sequence[Any]]
    ) -> dict[str, np.ndarray]:
        """Probabilities by task, float32 of length N, for one user and N candidates.

        Args:
            request: one value for each feature of the user and the moment, by name.
            candidates: N values for each feature of the candidates, by name, in a list, an array, or a Series.
                In both, a value is a str, a number, or a sequence of either where the feature has several. None, or no
                entry, is missing.

        Raises:
            ServingError: the subclass says which: not reachable, unknown model, overloaded, or wrong inputs.
        """
        signature = self._known_signature(CANDIDATES)
        try:
            return self._score(signature, request, candidates)
        except BadRequestError:  # the server may have swapped to a version with other features
            newest = self._known_signature(CANDIDATES, seconds=0.0)
            if newest == signature:
                raise
        return self._score(newest, request, candidates)

    def predict(
        self, signature: str, inputs: Mapping[str, np.ndarray], output_filter: Sequence[str] = ()
    ) -> dict[str, np.ndarray]:
        """Outputs of any signature, by name.

        Args:
            signature: its name.
            inputs: arrays by input name: float32, float64, int32, int64, bool or strings, of any shape.
            output_filter: names of the outputs to return; empty means all.

        Raises:
            ServingError: the subclass says which: not reachable, unknown model, overloaded, or wrong inputs; the class
                itself for an output of a type that inputs cannot have.
        """
        if isinstance(output_filter, str | bytes):
            raise BadRequestError(f"output_filter takes a list of output names, not {output_filter!r}.")
        return self._run(signature, {name: sendable(name, array) for name, array in inputs.items()}, output_filter)

    def status(self) -> list[VersionStatus]:
        """State of every version that the server knows, the greatest first."""
        request = message("GetModelStatusRequest")()
        self._name_model(request.model_spec)
        response = self._call(self._get_status, request.SerializeToString())
        names = message("ModelVersionStatus").DESCRIPTOR.enum_types_by_name["State"].values_by_number
        return [
            VersionStatus(version.version, names[version.state].name, version.status.error_message)
            for version in response.model_version_status
        ]

    def metadata(self) -> ModelMetadata:
        """Version and signatures of the model."""
        request = message("GetModelMetadataRequest")(metadata_field=["signature_def"])
        self._name_model(request.model_spec)
        response = self._call(self._get_metadata, request.SerializeToString())
        definitions = message("SignatureDefMap").FromString(response.metadata["signature_def"].value)
        signatures = {
            name: SignatureInfo.of(definition)
            for name, definition in definitions.signature_def.items()
            if not name.startswith("__")
        }
        return ModelMetadata(response.model_spec.version.value, signatures)

    def healthy(self) -> bool:
        """Whether the server serves a model (gRPC health protocol).

        Raises:
            UnreachableError: no server answers. A server that serves nothing yet answers False.
        """
        from grpc_health.v1 import health_pb2, health_pb2_grpc

        stub = health_pb2_grpc.HealthStub(self._channel)
        response = self._call(stub.Check, health_pb2.HealthCheckRequest())
        return response.status == health_pb2.HealthCheckResponse.SERVING

    def close(self) -> None:
        """Ends the connection; every later call is a ClosedError."""
        self._closed = True
        self._channel.close()

    def __enter__(self) -> "Client":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def _method(self, service: str, name: str) -> Any:
        """A method that takes the bytes of its request."""
        return self._channel.unary_unary(service + name, response_deserializer=message(f"{name}Response").FromString)

    def _run(
        self, signature: str, arrays: Mapping[str, np.ndarray], output_filter: Sequence[str] = ()
    ) -> dict[str, np.ndarray]:
        request = message("PredictRequest")(output_filter=output_filter)
        self._name_model(request.model_spec)
        request.model_spec.signature_name = signature
        response = self._call(self._predict, serialized(request, arrays))
        return {name: _decoded(name, proto) for name, proto in response.outputs.items()}

    def _name_model(self, spec: Any) -> None:
        spec.name = self._model_name
        if self._version is not None:
            spec.version.value = self._version

    def _call(self, method: Any, request: Any) -> Any:
        try:
            return method(request, timeout=self._timeout)
        except (grpc.RpcError, ValueError) as error:
            if self._closed:  # gRPC raises a ValueError for a call on a closed channel, and cancels running ones
                raise ClosedError("This client is closed; call it within its `with` block, or make another.") from error
            if not isinstance(error, grpc.RpcError):
                raise
            code = error.code()
            error_class = _ERRORS.get(code, ServingError)
            raise error_class(f"{self._address} answers {code.name}: {error.details()}") from error

    def _score(
        self, signature: SignatureInfo, request: Mapping[str, Any], candidates: Mapping[str, Sequence[Any]]
    ) -> dict[str, np.ndarray]:
        inputs = candidate_inputs(signature, request, candidates, self._features)
        try:
            return self._run(CANDIDATES, inputs)
        except BadRequestError as error:
            guessed = guessed_features(signature, request, candidates, self._features)
            if not guessed:
                raise
            raise BadRequestError(
                f"{str(error).rstrip('.')}. The client sent {', '.join(guessed)} with the candidates, since its "
                "feature table lacks them; pass Client(..., features=config.feature_table)."
            ) from error

    def _known_signature(self, name: str, seconds: float = 10.0) -> SignatureInfo:
        """The signature as fetched in the last `seconds`; a new version seldom has another."""
        fetched, now = self._metadata, time.monotonic()  # a copy, since other threads replace it
        if fetched is None or now - fetched[0] >= seconds or name not in fetched[1].signatures:
            fetched = self._metadata = (now, self.metadata())
        signature = fetched[1].signatures.get(name)
        if signature is None:
            raise UnknownModelError(f"The model {self._model_name!r} at {self._address} has no signature {name!r}.")
        return signature


def _decoded(name: str, proto: Any) -> np.ndarray:
    if not tensors.decodable(proto):
        raise ServingError(
            f"The output {name!r} has TensorFlow's type number {proto.dtype}, which this client cannot read; "
            "name the other outputs in output_filter."
        )
    return tensors.decode(proto)
