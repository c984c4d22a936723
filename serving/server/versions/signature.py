"""One signature of a loaded model as a prepared call."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import tensorflow as tf
from tensorflow.core.protobuf import config_pb2

from serving.server.limits import MOST_FILLED, Limits
from serving.server.refusal import invalid, of_bytes, of_number
from serving.wire import tensors
from serving.wire.pieces import LONGEST_STRING


class Signature:
    """Runs one signature of a session. Several threads may call it at the same time."""

    def __init__(self, session: tf.compat.v1.Session, definition: Any) -> None:
        """Prepares the call.

        Args:
            session: the session with the restored model.
            definition: the signature's SignatureDef.
        """
        self._definition = definition
        self._inputs = tuple(sorted(definition.inputs))
        self._outputs = tuple(sorted(definition.outputs))
        self._types = {alias: definition.inputs[alias].dtype for alias in self._inputs}  # the message's maps are slow
        self._shapes = {alias: tensors.shape_of(definition.inputs[alias]) for alias in self._inputs}
        prepared = config_pb2.CallableOptions(
            feed=[definition.inputs[alias].name for alias in self._inputs],
            fetch=[definition.outputs[alias].name for alias in self._outputs],
        )
        # The public make_callable looks up feeds and fetches in each call, eight times the time of a small request.
        self._call: Callable[..., list[np.ndarray]] = session._make_callable_from_options(prepared)

    def run(
        self, inputs: Mapping[str, Any], output_filter: Sequence[str] = (), limits: Limits | None = None
    ) -> dict[str, np.ndarray]:
        """Outputs by alias.

        Args:
            inputs: TensorProtos by alias.
            output_filter: the outputs to return; empty means all.
            limits: how much the inputs may ask for; None for the model's own warm-up requests.

        Raises:
            Refusal: as TensorFlow Serving refuses. Wrong inputs or a wrong filter: INVALID_ARGUMENT. An error of the
                graph: its own code.
        """
        self._check_names(inputs)
        protos = {
            alias: inputs[alias] if alias in inputs else self._definition.defaults[alias] for alias in self._inputs
        }
        shapes = {alias: tensors.shape_of(proto) for alias, proto in protos.items()}
        for position, (alias, proto) in enumerate(protos.items()):
            self._check_type_and_shape(position, alias, proto.dtype, shapes[alias])
        if limits is not None:
            limits.check(shapes)
        arrays = [
            _array(alias, proto, shapes[alias], MOST_FILLED if alias in inputs else None)
            for alias, proto in protos.items()
        ]
        wanted = self._filtered(output_filter)
        try:
            values = self._call(*arrays)
        except tf.errors.OpError as error:
            raise of_number(error.error_code, error.message) from error
        except UnicodeDecodeError as error:  # the graph's message quotes bytes of the request that are not UTF-8
            raise of_bytes(error.object) from error
        return {alias: np.asarray(value) for alias, value in zip(self._outputs, values, strict=True) if alias in wanted}

    def _check_names(self, inputs: Mapping[str, Any]) -> None:
        sent, known = set(inputs), set(self._inputs)
        extra, missing = sent - known, known - sent - set(self._definition.defaults)
        if extra or missing:
            raise invalid(
                f"input size does not match signature: {len(sent)}!={len(known)} len({_braced(sent)}) != "
                f"len({_braced(known)}). Sent extra: {_braced(extra)}. Missing but required: {_braced(missing)}."
            )

    def _check_type_and_shape(self, position: int, alias: str, dtype: int, shape: tuple[int, ...] | None) -> None:
        if dtype != self._types[alias]:
            raise invalid(
                f"Expects arg[{position}] to be {_type_name(self._types[alias])} but {_type_name(dtype)} is provided "
                f"(input {alias})"
            )
        expected = self._shapes[alias]
        if shape is not None and expected is not None and not _fits(shape, expected):
            raise invalid(
                f"Input {alias} has shape {_bracketed(shape)} but {_bracketed(expected)} is expected, -1 any size"
            )

    def _filtered(self, output_filter: Sequence[str]) -> set[str]:
        for alias in output_filter:
            if alias not in self._outputs:
                raise invalid(
                    f"output tensor alias not found in signature: {alias} Outputs expected to be in the set "
                    f"{_braced(self._outputs)}."
                )
        if len(set(output_filter)) < len(output_filter):
            twice = next(alias for alias in output_filter if list(output_filter).count(alias) > 1)
            raise invalid(f"duplicate output tensor alias: {twice}")
        return set(output_filter or self._outputs)


def _array(alias: str, proto: Any, shape: tuple[int, ...] | None, most_filled: int | None) -> np.ndarray:
    try:
        return tensors.decode(proto, most_filled, shape) if tensors.decodable(proto) else _parse(proto)
    except (ValueError, MemoryError, tf.errors.OpError) as error:
        raise invalid(f"tensor parsing error: {alias}") from error


def _fits(actual: tuple[int, ...], expected: tuple[int, ...]) -> bool:
    if len(actual) != len(expected):
        return False
    for size, wanted in zip(actual, expected, strict=True):  # noqa: SIM110 - three times as fast, for every input
        if wanted not in (-1, size):
            return False
    return True


def _bracketed(shape: tuple[int, ...]) -> str:
    return f"[{','.join(map(str, shape))}]"


def _braced(names: Sequence[str] | set[str]) -> str:
    return "{" + ",".join(sorted(names)) + "}"


def _type_name(number: int) -> str:
    if not number:
        return "invalid"
    try:
        return tensors.NAMES.get(number) or tf.dtypes.as_dtype(number).name
    except TypeError:  # TensorFlow has no type of this number
        return str(number)


def _parse(proto: Any) -> np.ndarray:
    if proto.tensor_shape.unknown_rank:
        raise ValueError("its shape is not fully known")  # TensorFlow takes its dimensions, which nothing has bounded
    if proto.dtype == tensors.STRING and len(proto.tensor_content) > LONGEST_STRING:
        raise ValueError("strings of more than 1 MiB in a form that only TensorFlow reads")
    if proto.tensor_content and math.prod(tensors.shape_of(proto) or ()) > len(proto.tensor_content):
        raise ValueError("more elements than bytes")  # TensorFlow would allocate all of them before it looks
    return tf.io.parse_tensor(proto.SerializeToString(), tf.dtypes.as_dtype(proto.dtype)).numpy()
