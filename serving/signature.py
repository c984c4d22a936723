"""One signature of a loaded model as a prepared call."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import tensorflow as tf
from tensorflow.core.protobuf import config_pb2

from serving import tensors
from serving.refusal import invalid, of_number

_MOST_FILLED = 1 << 20
"""Bytes that repetitions of a tensor's last value may take: without a bound a small request takes all memory."""


class Signature:
    """Runs one signature of a session; calls from several threads at the same time are fine."""

    def __init__(self, session: tf.compat.v1.Session, definition: Any) -> None:
        """Prepares the call.

        Args:
            session: holds the restored model.
            definition: the signature's SignatureDef.
        """
        self._definition = definition
        self._inputs = tuple(sorted(definition.inputs))
        self._outputs = tuple(sorted(definition.outputs))
        self._shapes = {alias: _dimensions(info.tensor_shape) for alias, info in definition.inputs.items()}
        prepared = config_pb2.CallableOptions(
            feed=[definition.inputs[alias].name for alias in self._inputs],
            fetch=[definition.outputs[alias].name for alias in self._outputs],
        )
        # The public make_callable looks feeds and fetches up in each call: eight times the time of a small request.
        self._call: Callable[..., list[np.ndarray]] = session._make_callable_from_options(prepared)

    def run(self, inputs: Mapping[str, Any], output_filter: Sequence[str] = ()) -> dict[str, np.ndarray]:
        """Outputs by alias, for TensorProtos by alias; only those of `output_filter` unless it is empty.

        Raises:
            Refusal: as TensorFlow Serving refuses: wrong inputs or filter INVALID_ARGUMENT, errors of the graph
                with their own code.
        """
        self._check_names(inputs)
        arrays = [self._array(position, alias, inputs) for position, alias in enumerate(self._inputs)]
        wanted = self._filtered(output_filter)
        try:
            values = self._call(*arrays)
        except tf.errors.OpError as error:
            raise of_number(error.error_code, error.message) from error
        except UnicodeDecodeError as error:  # the message quotes bytes that were sent, and TensorFlow takes it for text
            raise invalid(error.object.decode(errors="backslashreplace")) from error
        return {alias: np.asarray(value) for alias, value in zip(self._outputs, values, strict=True) if alias in wanted}

    def _check_names(self, inputs: Mapping[str, Any]) -> None:
        sent, known = set(inputs), set(self._inputs)
        extra, missing = sent - known, known - sent - set(self._definition.defaults)
        if extra or missing:
            raise invalid(
                f"input size does not match signature: {len(sent)}!={len(known)} len({_braced(sent)}) != "
                f"len({_braced(known)}). Sent extra: {_braced(extra)}. Missing but required: {_braced(missing)}."
            )

    def _array(self, position: int, alias: str, inputs: Mapping[str, Any]) -> np.ndarray:
        proto = inputs[alias] if alias in inputs else self._definition.defaults[alias]
        info = self._definition.inputs[alias]
        if proto.dtype != info.dtype:
            raise invalid(
                f"Expects arg[{position}] to be {_type_name(info.dtype)} but {_type_name(proto.dtype)} is provided "
                f"(input {alias})"
            )
        sent, shape = _dimensions(proto.tensor_shape), self._shapes[alias]
        if sent is not None and shape is not None and not _fits(sent, shape):  # before values that are not sent fill it
            raise invalid(
                f"Input {alias} has shape {_bracketed(sent)} but {_bracketed(shape)} is expected, -1 any size"
            )
        try:
            most = _MOST_FILLED if alias in inputs else None  # the model's own defaults may be as large as they are
            return tensors.decode(proto, most) if tensors.decodable(proto) else _parse(proto)
        except (ValueError, MemoryError, tf.errors.OpError) as error:
            raise invalid(f"tensor parsing error: {alias}") from error

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


def _dimensions(shape: Any) -> tuple[int, ...] | None:
    return None if shape.unknown_rank else tuple(dim.size for dim in shape.dim)


def _fits(actual: tuple[int, ...], expected: tuple[int, ...]) -> bool:
    return len(actual) == len(expected) and all(want in (-1, size) for size, want in zip(actual, expected, strict=True))


def _bracketed(shape: tuple[int, ...]) -> str:
    return f"[{','.join(map(str, shape))}]"


def _braced(names: Sequence[str] | set[str]) -> str:
    return "{" + ",".join(sorted(names)) + "}"


def _type_name(number: int) -> str:
    if not number:
        return "invalid"
    try:
        return tensors.NAMES.get(number) or tf.dtypes.as_dtype(number).name
    except TypeError:  # a number that TensorFlow has no type for
        return str(number)


def _parse(proto: Any) -> np.ndarray:
    if proto.tensor_content and math.prod(_dimensions(proto.tensor_shape) or ()) > len(proto.tensor_content):
        raise ValueError("more elements than bytes")  # for which TensorFlow would take memory before it looks at them
    return tf.io.parse_tensor(proto.SerializeToString(), tf.dtypes.as_dtype(proto.dtype)).numpy()
