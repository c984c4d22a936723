"""A request that is refused: the status code and text that TensorFlow Serving answers with."""

import grpc

_CODES = {code.value[0]: code for code in grpc.StatusCode}


class Refusal(Exception):  # noqa: N818 - an answer, not an error of ours
    """Ends a request with a gRPC status; the servicers turn it into one."""

    def __init__(self, code: grpc.StatusCode, details: str) -> None:
        super().__init__(details)
        self.code = code
        self.details = details


def invalid(details: str) -> Refusal:
    """INVALID_ARGUMENT."""
    return Refusal(grpc.StatusCode.INVALID_ARGUMENT, details)


def not_found(details: str) -> Refusal:
    """NOT_FOUND."""
    return Refusal(grpc.StatusCode.NOT_FOUND, details)


def of_number(number: int, details: str) -> Refusal:
    """The refusal of a TensorFlow error code; its numbers are gRPC's."""
    return Refusal(_CODES.get(number, grpc.StatusCode.UNKNOWN), details)
