"""The gRPC front: receives requests on the event loop, has threads answer them, sends the responses.

gRPC's threaded server gives a thread to each call as soon as its headers arrive, so a few calls without a message
block all others. On the event loop, a call that waits for its message holds no thread, and health needs none at all.
Messages pass through the loop as bytes; threads parse them.
"""

import asyncio
from typing import Any

import grpc
import grpc.aio

from serving.config import ServingConfig
from serving.errors import ServingError
from serving.server.calls import Arriving, Calls, Handler, refusing
from serving.server.front import MODEL_SERVICE, PREDICTION_SERVICE, Answer, Answers, response_to
from serving.server.health import Health
from serving.server.refusal import Code, Refusal
from serving.server.workers import Workers
from serving.tls import server_credentials

_NOT_SERVED = {
    PREDICTION_SERVICE: ("Classify", "Regress", "MultiInference"),
    MODEL_SERVICE: ("HandleReloadConfigRequest",),
}
_QUIET_SECONDS = 0.1
_TAKING_SECONDS = 0.5
_LOOK_SECONDS = 0.01
_IDENTITY_ONLY = 1  # a bit for each algorithm
_STATUS = {code: next(status for status in grpc.StatusCode if status.value[0] == code) for code in Code}


class GrpcFront:
    """A gRPC server on the event loop, a `Front`. Call every method on that loop."""

    def __init__(self, config: ServingConfig, answers: Answers, workers: Workers, health: Health) -> None:
        """Does nothing yet.

        Args:
            config: address, TLS, and the longest message.
            answers: for each service, the answers by the name of the method.
            workers: the threads that answer, which the server's fronts share.
            health: the health service.
        """
        self._config = config
        self._workers = workers
        self._health = health
        self._calls = Calls(self._methods(answers))
        self._server: grpc.aio.Server | None = None

    async def start(self) -> int:
        """Binds the port and begins to answer.

        Returns:
            The port.

        Raises:
            ServingError: a file for TLS does not work, or the port cannot be bound.
        """
        longest = self._config.max_message_mib << 20
        options = (
            ("grpc.max_receive_message_length", longest),
            ("grpc.max_send_message_length", -1),
            ("grpc.compression_enabled_algorithms_bitset", _IDENTITY_ONLY),  # 1 MB of gzip may unpack to 1 GB
            ("grpc.so_reuseport", 0),  # otherwise two servers share a port without an error
        )
        server = grpc.aio.server(handlers=[self._calls], options=options)
        port = _bind(server, self._config)
        await server.start()
        self._server = server
        return port

    async def stop(self, seconds: float) -> None:
        """Answers what has arrived, for at most `seconds`, and refuses everything else.

        When gRPC stops, it cancels the calls that have arrived and that Python has not taken yet. So the server first
        takes calls until none comes for 0.1 s, at most for 0.5 s. Then it refuses new calls, and stops gRPC when it has
        answered those that it took.
        """
        if self._server is None:
            return
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        taking_ends = loop.time() + min(_TAKING_SECONDS, seconds / 2)
        taken = -1
        while taken != self._calls.taken and loop.time() + _QUIET_SECONDS <= taking_ends:
            taken = self._calls.taken
            await asyncio.sleep(_QUIET_SECONDS)
        self._calls.stop()
        while self._workers.unfinished and loop.time() < end:
            await asyncio.sleep(_LOOK_SECONDS)
        await self._server.stop(max(0.0, end - loop.time()))
        self._server = None

    def _methods(self, answers: Answers) -> dict[str, tuple[grpc.RpcMethodHandler, Arriving | None]]:
        requests, checks = Arriving(), Arriving()  # no request takes the room of health
        methods: dict[str, tuple[grpc.RpcMethodHandler, Arriving | None]] = {
            "/grpc.health.v1.Health/Check": (checks.unary(self._health.check), checks),
            "/grpc.health.v1.Health/Watch": (checks.stream(self._health.watch), checks),
        }
        for service, of_service in answers.items():
            for name, answer in of_service.items():
                methods[f"/{service}/{name}"] = requests.unary(self._answered(answer)), requests
        for service, names in _NOT_SERVED.items():
            for name in names:
                details = f"{name} is not served here; use Predict"
                methods[f"/{service}/{name}"] = refusing(grpc.StatusCode.UNIMPLEMENTED, details), None
        return methods

    def _answered(self, answer: Answer) -> Handler:
        def in_thread(serialized: bytes) -> bytes:
            response: bytes = response_to(serialized, answer).SerializeToString()
            return response

        async def handle(serialized: bytes, context: Any) -> bytes:
            response = await self._workers.run(in_thread, serialized)
            if isinstance(response, Refusal):
                await context.abort(_STATUS[response.code], response.details)
                raise AssertionError("abort returned")
            return response

        return handle


def _bind(server: grpc.aio.Server, config: ServingConfig) -> int:
    address, credentials = config.address, server_credentials(config)
    try:
        bound = server.add_secure_port(address, credentials) if credentials else server.add_insecure_port(address)
    except RuntimeError:  # newer gRPC raises, older returns 0
        bound = 0
    if not bound:
        raise ServingError(
            f"Cannot listen on {address}: the port is in use, or this machine does not have the address; "
            "set serving.port to another port (0 takes any free one), or correct serving.host."
        )
    return bound
