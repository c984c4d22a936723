"""A server's answers about its model."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from serving.wire import tensors


@dataclass(frozen=True)
class TensorInfo:
    """An input or output: TensorFlow's name of its type, and its shape; -1 is any size, None any rank."""

    dtype: str
    shape: tuple[int, ...] | None

    @classmethod
    def of(cls, info: Any) -> "TensorInfo":
        """The same from TensorFlow's message TensorInfo."""
        return cls(tensors.NAMES.get(info.dtype, str(info.dtype)), tensors.shape_of(info))


@dataclass(frozen=True)
class SignatureInfo:
    """Inputs and outputs of a signature by name."""

    inputs: Mapping[str, TensorInfo]
    outputs: Mapping[str, TensorInfo]

    @classmethod
    def of(cls, definition: Any) -> "SignatureInfo":
        """The same from TensorFlow's message SignatureDef."""
        sides = definition.inputs, definition.outputs
        return cls(*({name: TensorInfo.of(info) for name, info in side.items()} for side in sides))


@dataclass(frozen=True)
class ModelMetadata:
    """The version that answered, and its signatures by name."""

    version: int
    signatures: Mapping[str, SignatureInfo]


@dataclass(frozen=True)
class VersionStatus:
    """A version's state (START, LOADING, AVAILABLE, UNLOADING, END), and why it did not load, or an empty string."""

    version: int
    state: str
    error: str
