"""The interface of a front, which receives requests of one protocol and sends the responses.

A front is an object with the methods of `Front`, and an entry in `_make_fronts` of `server.py`. All fronts of a server
share its `Workers`, so a second front adds no threads, and one bound holds for the requests of all.
"""

from collections.abc import Mapping
from typing import Any, Protocol

from google.protobuf.message import DecodeError

from serving.server.refusal import Code, Refusal

PREDICTION_SERVICE = "tensorflow.serving.PredictionService"
MODEL_SERVICE = "tensorflow.serving.ModelService"


class Front(Protocol):
    """Call every method on the event loop."""

    async def start(self) -> int:
        """Binds the port and begins to answer.

        Returns:
            The port.

        Raises:
            ServingError: the front cannot start, for example since its port is in use. It then frees all it took.
        """

    async def stop(self, seconds: float) -> None:
        """Answers what has arrived, for at most `seconds`, and refuses everything else.

        A front that never started does nothing.
        """


class Answer(Protocol):
    """Parses and answers the requests of one method; see `serving.server.answers`."""

    def parse(self, serialized: bytes) -> Any:
        """The request's message. Here, before any array exists, the bounds of a request apply."""

    def __call__(self, request: Any) -> Any:
        """The response's message."""


Answers = Mapping[str, Mapping[str, Answer]]
"""For each service, its answers by the name of the method: `answers[PREDICTION_SERVICE]["Predict"]`."""


def response_to(serialized: bytes, answer: Answer) -> Any:
    """The message that answers a serialized request. Give it to `Workers.run`: it computes.

    A front of another protocol first makes the bytes of the request's message. So bounds apply to each front alike.

    Raises:
        Refusal: `answer` refuses the request, or the bytes hold no message (INTERNAL).
    """
    try:
        return answer(answer.parse(serialized))
    except (DecodeError, UnicodeDecodeError) as error:
        raise Refusal(Code.INTERNAL, f"The request cannot be parsed: {error}") from error
