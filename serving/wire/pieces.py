"""Parses a serialized PredictRequest in pieces.

Protobuf parses a message in one call that holds Python's interpreter lock: 0.1 s for 1 MiB of empty strings, of which
it makes 20 MiB. So the reader cuts a long message between its fields: other threads run between two pieces, and a
message with too many values is refused before it takes memory. The reader takes about 3 us for each field, so it
refuses a message as soon as one of its parts has too many. This relies on a rule of protobuf: concatenated messages
parse as one merged message (https://protobuf.dev/programming-guides/encoding/#last-one-wins).
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from google.protobuf.message import DecodeError

PIECE_BYTES = 1 << 16
"""The most bytes that protobuf parses in one call: 5 ms at worst."""
_INPUTS, _KEY, _VALUE = 2, 1, 2  # field numbers of predict.proto and of a map's entry
MOST_INPUTS = 1 << 12
"""Entries in the map of inputs of a long message. No model has so many inputs."""
_TAKEN = frozenset({1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 16, 17, 18})  # of tensor.proto, without messages
_SINGLE = frozenset({1, 2, 3, 4, 18})  # those of them that are not repeated
_SHAPE, _LONGEST_SHAPE = 2, 1 << 12
_STRING = 8
LONGEST_STRING = 1 << 20
"""Bytes of one string. TensorFlow quotes a string that it cannot use in its error, and copies that error many times."""
_PACKED_VARINTS = frozenset({7, 10, 11, 13, 16, 17})  # one byte may be a value
_LENGTHS = {1: 8, 5: 4}  # bytes of a value by wire type


class TooManyFieldsError(ValueError):
    """A message holds more fields than the reader takes."""


class TooManyInputsError(ValueError):
    """A message holds more inputs than `MOST_INPUTS`."""


class LongStringError(ValueError):
    """A string of an input is longer than `LONGEST_STRING`."""


class _Field(NamedTuple):
    """A field in serialized form: `data[start:end]`, whose value is `data[value:end]`."""

    number: int
    start: int
    value: int
    end: int


def parse_predict(message_class: Any, data: bytes, most_fields: int) -> Any:
    """The PredictRequest that `data` holds.

    Args:
        message_class: the class of PredictRequest.
        data: the serialized message.
        most_fields: how many values the inputs of a long message may hold in all.

    Raises:
        TooManyFieldsError: the inputs hold more values than `most_fields`.
        TooManyInputsError: there are more than `MOST_INPUTS` inputs, those of the same name included.
        LongStringError: a string is longer than `LONGEST_STRING`.
        DecodeError: `data` is not such a message, more than 64 KiB of it are not inputs, or an input has a long shape
            or values that are messages.
    """
    if len(data) <= PIECE_BYTES:
        return message_class.FromString(data)
    rest = bytearray()
    entries: list[bytes] = []
    for field in _fields(data):
        if field.number == _INPUTS:
            if len(entries) == MOST_INPUTS:
                raise TooManyInputsError(f"The request has more than {MOST_INPUTS} inputs")
            entries.append(data[field.value : field.end])
        else:
            rest += data[field.start : field.end]
            if len(rest) > PIECE_BYTES:
                raise DecodeError(f"more than {PIECE_BYTES} bytes that are not inputs")
    request = message_class.FromString(bytes(rest))
    for entry in entries:
        most_fields = _add_input(request.inputs, entry, most_fields)
    return request


def parse_short(message_class: Any, data: bytes) -> Any:
    """The message in `data`, which must be short.

    Raises:
        DecodeError: `data` is not such a message, or longer than 64 KiB.
    """
    if len(data) > PIECE_BYTES:
        raise DecodeError(f"more than {PIECE_BYTES} bytes")
    return message_class.FromString(data)


def _add_input(inputs: Any, entry: bytes, most_fields: int) -> int:
    """Adds one entry of the map of inputs; returns how many fields the others may have."""
    parts: dict[int, bytes] = {}
    for field in _fields(entry):
        if field.number in parts or field.number not in (_KEY, _VALUE):
            raise DecodeError("an input that is not one name and one tensor")
        parts[field.number] = entry[field.value : field.end]
    name, value = parts.get(_KEY, b"").decode(), parts.get(_VALUE, b"")
    inputs.pop(name, None)  # the last entry of a name counts
    if len(value) <= PIECE_BYTES:
        return _add_short_tensor(inputs[name], value, most_fields)
    return _add_long_tensor(inputs[name], name, value, most_fields)


def _add_short_tensor(tensor: Any, value: bytes, most_fields: int) -> int:
    """Parses a tensor in one call and counts its values after that, since counting them before is slow."""
    tensor.MergeFromString(value)
    for descriptor, content in tensor.ListFields():
        if descriptor.number not in _TAKEN:
            raise DecodeError(f"an input with a {descriptor.name}")
        if descriptor.number not in _SINGLE:
            most_fields -= len(content)
    if most_fields < 0:
        raise TooManyFieldsError
    if tensor.tensor_shape.ByteSize() > _LONGEST_SHAPE:
        raise DecodeError("a shape with too many dimensions")
    return most_fields


def _add_long_tensor(tensor: Any, name: str, value: bytes, most_fields: int) -> int:
    start = end = shape_bytes = 0
    for field in _fields(value):
        length = field.end - field.value
        if field.number not in _TAKEN:
            raise DecodeError(f"an input with the field {field.number}")
        if field.number == _SHAPE:
            shape_bytes += length  # protobuf joins the dimensions of several shapes
            if shape_bytes > _LONGEST_SHAPE:
                raise DecodeError("a shape with too many dimensions")
        most_fields -= length if field.number in _PACKED_VARINTS else 1
        if most_fields < 0:
            raise TooManyFieldsError
        if field.number == _STRING and length > LONGEST_STRING:
            raise LongStringError(f"A value of input {name} is longer than {LONGEST_STRING} bytes")
        if field.end - start > PIECE_BYTES:
            tensor.MergeFromString(value[start:end])
            start = field.start
        end = field.end
    tensor.MergeFromString(value[start:end])
    return most_fields


def _fields(data: bytes) -> Iterator[_Field]:
    """The fields of a serialized message in their order.

    Raises:
        DecodeError: `data` is not a message, or holds a group, which proto3 does not have.
    """
    position = 0
    try:
        while position < len(data):
            start = position
            tag = data[position]
            position += 1
            if tag > 127:
                tag, position = _varint(data, start)
            kind = tag & 7
            if kind == 2:
                length = data[position]
                position += 1
                if length > 127:
                    length, position = _varint(data, position - 1)
                end = position + length
            elif kind == 0:
                _, end = _varint(data, position)
            elif kind in _LENGTHS:
                end = position + _LENGTHS[kind]
            else:
                raise DecodeError(f"wire type {kind}")
            if end > len(data):
                raise DecodeError("cut short")
            yield _Field(tag >> 3, start, position, end)
            position = end
    except IndexError as error:
        raise DecodeError("cut short") from error


def _varint(data: bytes, position: int) -> tuple[int, int]:
    """The number that begins at `position`, and where the next value begins."""
    number = shift = 0
    while True:
        byte = data[position]
        number |= (byte & 127) << shift
        position += 1
        if byte < 128:
            return number, position
        shift += 7
        if shift > 63:
            raise DecodeError("a number of more than 64 bits")
