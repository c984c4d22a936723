"""A request that is refused: the status code and text that TensorFlow Serving answers with."""

import grpc

_LONGEST = 1024
_CODES = {code.value[0]: code for code in grpc.StatusCode}


class Refusal(Exception):  # noqa: N818 - an answer, not an error of ours
    """Ends a request with a gRPC status; the servicers turn it into one.

    Attributes:
        code: the status code.
        details: its text, cut where TensorFlow Serving cuts, after 1,024 bytes of UTF-8: a status travels in a header,
            and clients answer one that is too long for theirs with RESOURCE_EXHAUSTED.
    """

    def __init__(self, code: grpc.StatusCode, details: str) -> None:
        self.code = code
        self.details = _cut(details)
        super().__init__(self.details)


def invalid(details: str) -> Refusal:
    """INVALID_ARGUMENT."""
    return Refusal(grpc.StatusCode.INVALID_ARGUMENT, details)


def not_found(details: str) -> Refusal:
    """NOT_FOUND."""
    return Refusal(grpc.StatusCode.NOT_FOUND, details)


def of_number(number: int, details: str) -> Refusal:
    """The refusal of a TensorFlow error code; its numbers are gRPC's."""
    return Refusal(_CODES.get(number, grpc.StatusCode.UNKNOWN), details)


def _cut(details: str) -> str:
    text = details.encode(errors="replace")
    return details if len(text) <= _LONGEST else f"{text[:_LONGEST].decode(errors='ignore')}...TRUNCATED"
