"""A refused request: the status code and the text of TensorFlow Serving's answer."""

import grpc

_LONGEST = 1024
_CODES = {code.value[0]: code for code in grpc.StatusCode}


class Refusal(Exception):  # noqa: N818 - an answer, not an error of ours
    """Ends a request with a status. Each front turns it into an answer of its protocol.

    Attributes:
        code: the status code.
        details: its text. Like TensorFlow Serving, it is cut after 1,024 bytes of UTF-8: a status travels in a header,
            and a client that gets a longer header than it takes reports RESOURCE_EXHAUSTED instead.
    """

    def __init__(self, code: grpc.StatusCode, details: str) -> None:
        self.code = code
        self.details = _cut(details)
        super().__init__(self.details)

    def bare(self) -> "Refusal":
        """The same refusal without traceback and cause, which hold the request and all that was made of it."""
        refusal = Refusal(self.code, "")
        refusal.details = self.details
        return refusal


def invalid(details: str) -> Refusal:
    """INVALID_ARGUMENT."""
    return Refusal(grpc.StatusCode.INVALID_ARGUMENT, details)


def not_found(details: str) -> Refusal:
    """NOT_FOUND."""
    return Refusal(grpc.StatusCode.NOT_FOUND, details)


def of_number(number: int, details: str) -> Refusal:
    """The refusal for a TensorFlow error code; TensorFlow and gRPC use the same numbers."""
    return Refusal(_CODES.get(number, grpc.StatusCode.UNKNOWN), details)


def of_bytes(details: bytes) -> Refusal:
    """INVALID_ARGUMENT with a text that is not UTF-8. The text is cut first: decoding takes 0.2 s for 1 MB."""
    return invalid(details[: _LONGEST + 4].decode(errors="backslashreplace"))


def _cut(details: str) -> str:
    text = details[: _LONGEST + 1].encode(errors="replace")
    return details if len(text) <= _LONGEST else f"{text[:_LONGEST].decode(errors='ignore')}...TRUNCATED"
