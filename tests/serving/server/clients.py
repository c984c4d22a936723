"""Clients in a process of their own, so that their delays are not the server's. They do not load TensorFlow.

`python -m tests.serving.server.clients` takes a command, the server's port, and a number:
- `check` checks health for so many seconds. It prints how many seconds each check took.
- `predict` sends the request in its input with so many clients. It prints the codes of the answers.
- `silent` sends the headers of so many calls, and no message.
- `cut` sends the messages of so many calls byte by byte.
"""

import socket
import sys
import threading
import time

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

PREDICT = "/tensorflow.serving.PredictionService/Predict"
_CHECK_SECONDS = 0.01
_BYTE_SECONDS = 0.04
DATA, _HEADERS, _SETTINGS, _END_HEADERS = 0, 1, 4, 4  # https://www.rfc-editor.org/rfc/rfc9113#section-6
_WINDOW_BYTES = 65_535  # that a connection may send before the server asks for more


def check(port: int, seconds: int) -> None:
    """Starts a check every 10 ms, even if earlier ones wait: otherwise a long delay would count as one check."""
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        health = health_pb2_grpc.HealthStub(channel)
        _Check(health).seconds()  # connects
        checks = []
        for _ in range(round(seconds / _CHECK_SECONDS)):
            checks.append(_Check(health))
            time.sleep(_CHECK_SECONDS)
        for each in checks:
            print(each.seconds())


class _Check:
    def __init__(self, health: health_pb2_grpc.HealthStub) -> None:
        self._ended = threading.Event()
        self._seconds = 0.0
        self._started = time.monotonic()
        self._call = health.Check.future(health_pb2.HealthCheckRequest(), timeout=30)
        self._call.add_done_callback(self._end)

    def _end(self, _call: grpc.Future) -> None:
        self._seconds = time.monotonic() - self._started
        self._ended.set()

    def seconds(self) -> float:
        """Waits for the answer."""
        assert self._call.result().status == health_pb2.HealthCheckResponse.SERVING
        self._ended.wait()
        return self._seconds


def predict(port: int, clients: int) -> None:
    """Each client sends its next request when it has its answer, until there is no server."""
    request = sys.stdin.buffer.read()
    for _ in range(clients):
        threading.Thread(target=_predict, args=(port, request)).start()


def _predict(port: int, request: bytes) -> None:
    own_connection = [("grpc.use_local_subchannel_pool", 1)]
    with grpc.insecure_channel(f"127.0.0.1:{port}", own_connection) as channel:
        code = None
        while code != grpc.StatusCode.UNAVAILABLE:
            last, code = code, channel.unary_unary(PREDICT).future(request).code()
            if code != last:  # a line for each answer would fill the pipe
                print(f"{code.name}\n", end="", flush=True)


def silent(port: int, calls: int) -> None:
    """Holds the calls open until its input ends."""
    with opened(port, calls):
        sys.stdin.read()


def cut(port: int, calls: int) -> None:
    """Sends the start of a message of 1 MiB on each call, then holds the calls open until its input ends."""
    with opened(port, calls) as connection:
        start = b"\0" + (1 << 20).to_bytes(4, "big") + bytes(_WINDOW_BYTES // calls - 5)
        for byte in start:
            connection.sendall(b"".join(frame(DATA, 0, stream, bytes([byte])) for stream in streams(calls)))
            time.sleep(_BYTE_SECONDS)
        sys.stdin.read()


def opened(port: int, calls: int) -> socket.socket:
    """A connection with open calls. It speaks HTTP/2 itself, since gRPC's client sends whole messages only."""
    headers = {
        ":method": "POST",
        ":scheme": "http",
        ":path": PREDICT,
        ":authority": "127.0.0.1",
        "content-type": "application/grpc",
        "te": "trailers",
    }
    block = b"".join(b"\0" + _short(name) + _short(value) for name, value in headers.items())
    connection = socket.create_connection(("127.0.0.1", port))
    connection.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(_SETTINGS, 0, 0, b""))
    connection.sendall(b"".join(frame(_HEADERS, _END_HEADERS, stream, block) for stream in streams(calls)))
    return connection


def streams(calls: int) -> range:
    return range(1, 2 * calls, 2)  # a client uses odd numbers


def frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload


def _short(text: str) -> bytes:
    return bytes([len(text)]) + text.encode()  # up to 126 bytes


if __name__ == "__main__":
    commands = {"check": check, "predict": predict, "silent": silent, "cut": cut}
    commands[sys.argv[1]](int(sys.argv[2]), int(sys.argv[3]))
