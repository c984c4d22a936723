"""The embedded server: TensorFlow Serving's gRPC API for one model, in this process.

`fronts` receive and send: `grpc_front.py`; a front for another protocol, REST for one, goes beside it. What they answer is
in `answers/`, one file a call. Which version of the model answers is in `versions/`.
"""

from serving.server.server import Server
from serving.server.until_signal import serve

__all__ = ["Server", "serve"]
