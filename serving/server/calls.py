"""The calls that gRPC hands to Python: finds the handler of each, and refuses those for which there is no room.

gRPC gives a call to Python when its headers have arrived. A client can open calls and never finish their messages, each
of which may hold `serving.max_message_mib`. So the calls whose messages still arrive are bounded. If there are too
many, a new call ends the oldest one, unless that is so young that its message may still be on its way. The handlers
take streams of requests, since gRPC starts all others only when the message has arrived, too late to refuse it.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any, cast

import grpc
import grpc.aio

MOST_ARRIVING = 512
"""Calls whose messages may arrive at the same time; health has as many of its own."""
YOUNG_SECONDS = 1.0
Handler = Callable[[bytes, Any], Awaitable[bytes]]
StreamHandler = Callable[[bytes, Any], AsyncIterator[bytes]]


class Arriving:
    """The calls whose messages still arrive. Call every method in the call's own task on the event loop."""

    def __init__(self) -> None:
        self._since: dict[asyncio.Task[Any], float] = {}
        self._ended: set[asyncio.Task[Any]] = set()

    def begin(self) -> bool:
        """Adds the current call; returns False if there is no room for it."""
        now = asyncio.get_running_loop().time()
        if len(self._since) >= MOST_ARRIVING:
            oldest, since = next(iter(self._since.items()))
            if now - since < YOUNG_SECONDS:
                return False
            del self._since[oldest]
            self._ended.add(oldest)
            oldest.cancel()
        self._since[_current_call()] = now
        return True

    def unary(self, handler: Handler) -> grpc.RpcMethodHandler:
        """A method with one response. A call leaves this set when its message has arrived."""

        async def handle(_messages: Any, context: Any) -> bytes:
            return await handler(await self._message(context), context)

        return grpc.stream_unary_rpc_method_handler(handle)  # without serializers: bytes in, bytes out

    def stream(self, handler: StreamHandler) -> grpc.RpcMethodHandler:
        """A method with a stream of responses. A call leaves this set when its message has arrived."""

        async def handle(_messages: Any, context: Any) -> AsyncIterator[bytes]:
            async for response in handler(await self._message(context), context):
                yield response

        return grpc.stream_stream_rpc_method_handler(handle)

    async def _message(self, context: Any) -> bytes:
        call = _current_call()
        try:
            message = await context.read()
        except asyncio.CancelledError:
            if call not in self._ended:
                raise
            await context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, "The message did not arrive in time")
        finally:
            self._ended.discard(call)
            self._since.pop(call, None)
        if not isinstance(message, bytes):
            try:
                await context.abort(grpc.StatusCode.INTERNAL, "The call ended without a message")
            except grpc.aio.InternalError as error:  # its client ended it
                raise asyncio.CancelledError from error
        return cast(bytes, message)


class Calls(grpc.GenericRpcHandler):
    """Finds the handler of a call.

    Attributes:
        taken: how many calls gRPC has handed to Python.
    """

    def __init__(self, methods: Mapping[str, tuple[grpc.RpcMethodHandler, Arriving | None]]) -> None:
        """Args: for each method, its handler, and the set of its calls that arrive; None refuses no call."""
        self.taken = 0
        self._methods = methods
        self._stopping = False

    def stop(self) -> None:
        """From now on, refuses new calls with UNAVAILABLE, except those of health."""
        self._stopping = True

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler | None:
        """The handler of a call; None for an unknown method. gRPC calls it in the call's own task."""
        self.taken += 1
        method = handler_call_details.method
        handler, arriving = self._methods.get(method, (None, None))
        if arriving is None:
            return handler
        if self._stopping and not method.startswith("/grpc.health."):
            return refusing(grpc.StatusCode.UNAVAILABLE, "This server is stopping.")
        if not arriving.begin():
            return refusing(
                grpc.StatusCode.RESOURCE_EXHAUSTED, f"This server receives {MOST_ARRIVING} other requests already"
            )
        return handler


def refusing(code: grpc.StatusCode, details: str) -> grpc.RpcMethodHandler:
    """A handler that refuses a call. It takes a stream, since it starts before any message has arrived."""

    async def handle(_messages: Any, context: Any) -> bytes:
        await context.abort(code, details)
        raise AssertionError("abort returned")

    return grpc.stream_unary_rpc_method_handler(handle)


def _current_call() -> "asyncio.Task[Any]":
    return cast("asyncio.Task[Any]", asyncio.current_task())
