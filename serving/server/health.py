"""gRPC's health service (https://github.com/grpc/grpc/blob/master/doc/health-checking.md).

It answers on the event loop itself and waits for no request of the model. gRPC's own servicer is not used: it remembers
every service name that a client ever watched.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import grpc
from google.protobuf.message import DecodeError
from grpc_health.v1 import health_pb2

from serving.wire.pieces import parse_short

HEALTH_SERVICES = ("", "tensorflow.serving.PredictionService", "tensorflow.serving.ModelService")
_STATUS = health_pb2.HealthCheckResponse.ServingStatus


class Health:
    """Answers Check and Watch. Use it on the event loop."""

    def __init__(self) -> None:
        self._status = _STATUS.NOT_SERVING
        self._ended = False
        self._changed = asyncio.Event()

    def set(self, *, serving: bool, ended: bool = False) -> None:
        """Changes the status of all services, and ends the streams of watchers if `ended`."""
        self._status = _STATUS.SERVING if serving and not self._ended else _STATUS.NOT_SERVING
        self._ended |= ended
        self._changed.set()
        self._changed = asyncio.Event()  # for the next change

    async def check(self, serialized: bytes, context: Any) -> bytes:
        """The status of a service; NOT_FOUND for one that this server does not have."""
        status = self._status_of(serialized)
        if status == _STATUS.SERVICE_UNKNOWN:
            await context.abort(grpc.StatusCode.NOT_FOUND, "This server has no such service.")
        return _response(status)

    async def watch(self, serialized: bytes, _context: Any) -> AsyncIterator[bytes]:
        """The status of a service, and each later one, until the server stops."""
        last = None
        while True:
            changed, status = self._changed, self._status_of(serialized)
            if status != last:
                last = status
                yield _response(status)
            if self._ended:
                return
            await changed.wait()

    def _status_of(self, serialized: bytes) -> int:
        try:
            service = parse_short(health_pb2.HealthCheckRequest, serialized).service
        except DecodeError:
            return _STATUS.SERVICE_UNKNOWN
        return self._status if service in HEALTH_SERVICES else _STATUS.SERVICE_UNKNOWN


def _response(status: int) -> bytes:
    return health_pb2.HealthCheckResponse(status=status).SerializeToString()
