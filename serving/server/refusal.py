"""A refused request: the code and the text of TensorFlow Serving's answer."""

from enum import IntEnum

_LONGEST = 1024


class Code(IntEnum):
    """Why a request fails, in no protocol's terms. TensorFlow and gRPC use these names and numbers.

    Each front maps them to those of its protocol.
    """

    CANCELLED = 1
    UNKNOWN = 2
    INVALID_ARGUMENT = 3
    DEADLINE_EXCEEDED = 4
    NOT_FOUND = 5
    ALREADY_EXISTS = 6
    PERMISSION_DENIED = 7
    RESOURCE_EXHAUSTED = 8
    FAILED_PRECONDITION = 9
    ABORTED = 10
    OUT_OF_RANGE = 11
    UNIMPLEMENTED = 12
    INTERNAL = 13
    UNAVAILABLE = 14
    DATA_LOSS = 15
    UNAUTHENTICATED = 16


class Refusal(Exception):  # noqa: N818 - an answer, not an error of ours
    """Ends a request with a code. Each front turns it into an answer of its protocol.

    Attributes:
        code: why the request fails.
        details: the text. Like TensorFlow Serving, it is cut after 1,024 bytes of UTF-8: gRPC sends it in a header,
            and a client that gets a longer header than it takes reports RESOURCE_EXHAUSTED instead.
    """

    def __init__(self, code: Code, details: str) -> None:
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
    return Refusal(Code.INVALID_ARGUMENT, details)


def not_found(details: str) -> Refusal:
    """NOT_FOUND."""
    return Refusal(Code.NOT_FOUND, details)


def of_number(number: int, details: str) -> Refusal:
    """The refusal for a TensorFlow error code; UNKNOWN for a number that has no name."""
    return Refusal(Code(number) if number in set(Code) else Code.UNKNOWN, details)


def of_bytes(details: bytes) -> Refusal:
    """INVALID_ARGUMENT with a text that is not UTF-8. The text is cut first: decoding takes 0.2 s for 1 MB."""
    return invalid(details[: _LONGEST + 4].decode(errors="backslashreplace"))


def _cut(details: str) -> str:
    text = details[: _LONGEST + 1].encode(errors="replace")
    return details if len(text) <= _LONGEST else f"{text[:_LONGEST].decode(errors='ignore')}...TRUNCATED"
