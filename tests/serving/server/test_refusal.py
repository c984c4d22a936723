"""The text of a refusal is cut before it is decoded or encoded: 20 MB that are no text must not stop the server."""

from typing import Any

import pytest
from tensorflow.core.protobuf import meta_graph_pb2

from serving.server.refusal import Code, Refusal, invalid
from serving.server.versions.signature import Signature


class Undecodable(bytes):
    """Bytes that only a part of may be decoded. A slice is plain bytes."""

    def decode(self, *_: object, **__: object) -> str:
        raise AssertionError("decoded as a whole, 0.2 s for 1 MB")


class Unencodable(str):
    """A text that only a part of may be encoded. A slice is a plain str."""

    def encode(self, *_: object, **__: object) -> bytes:
        raise AssertionError("encoded as a whole")


class FailingSession:
    """A session whose calls fail as TensorFlow does if its message quotes bytes that are not UTF-8."""

    def _make_callable_from_options(self, _options: object) -> Any:
        def call() -> None:
            raise UnicodeDecodeError("utf-8", Undecodable(b"\xff" * 5_000), 0, 1, "invalid start byte")

        return call


def test_a_message_of_the_graph_that_is_not_utf8_is_cut_before_it_is_decoded() -> None:
    signature = Signature(FailingSession(), meta_graph_pb2.SignatureDef())  # type: ignore[arg-type]
    with pytest.raises(Refusal) as refusal:
        signature.run({})
    assert refusal.value.code == Code.INVALID_ARGUMENT
    assert refusal.value.details == "\\xff" * 256 + "...TRUNCATED"  # 1,024 bytes, four for each \xff


def test_a_long_text_is_cut_before_it_is_encoded() -> None:
    assert invalid(Unencodable("\u00e4" * 5_000)).details == "\u00e4" * 512 + "...TRUNCATED"  # two bytes each
