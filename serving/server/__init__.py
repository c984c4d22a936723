"""The embedded server: TensorFlow Serving's gRPC API for one model, in this process.

A front receives requests and sends responses: `grpc_front.py`. `front.py` says what a front of another protocol needs.
`answers/` computes the responses, one file a call. `versions/` loads and swaps the versions of the model.
"""

from serving.server.server import Server
from serving.server.until_signal import serve

__all__ = ["Server", "serve"]
