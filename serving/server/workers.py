"""The threads that answer requests, and how many requests may wait for them."""

import asyncio
import threading
from collections.abc import Callable
from queue import SimpleQueue

import grpc

from serving.server.refusal import Refusal

LARGE_BYTES = 1 << 20
_Answer = Callable[[bytes], bytes]
_Queue = SimpleQueue["tuple[asyncio.Future[bytes], _Answer, bytes] | None"]


class Workers:
    """Threads for requests that have arrived in full. Call every method on the event loop.

    All large requests share one thread: to feed one to TensorFlow holds Python's interpreter lock for up to 30 ms, and
    several at once would hold up the small ones and health. (`ThreadPoolExecutor` takes 0.1 ms more of CPU a request.)
    """

    def __init__(self, threads: int, max_waiting: int) -> None:
        """Starts the threads.

        Args:
            threads: small requests that are answered at the same time.
            max_waiting: requests that may wait, beyond one a thread.
        """
        self._loop = asyncio.get_running_loop()
        self._small: _Queue = SimpleQueue()
        self._large: _Queue = SimpleQueue()
        self._queues = [self._small] * threads + [self._large]
        self._max_waiting = max_waiting
        self._unfinished = 0
        for queue in self._queues:
            threading.Thread(target=self._work, args=(queue,), name="serving-worker", daemon=True).start()

    async def run(self, answer: _Answer, request: bytes) -> bytes:
        """Has a thread call `answer(request)`, unless the caller gives up before a thread is free.

        Raises:
            Refusal: RESOURCE_EXHAUSTED, if too many requests wait already.
            Exception: whatever `answer` raises.
        """
        if self._unfinished >= len(self._queues) + self._max_waiting:
            raise Refusal(
                grpc.StatusCode.RESOURCE_EXHAUSTED,
                f"{self._max_waiting} requests wait for this server already (serving.max_waiting)",
            )
        self._unfinished += 1
        future = self._loop.create_future()
        (self._large if len(request) > LARGE_BYTES else self._small).put((future, answer, request))
        return await future

    def stop(self) -> None:
        """Ends each thread, after the requests that wait for it."""
        for queue in self._queues:
            queue.put(None)

    def _work(self, queue: _Queue) -> None:
        while self._take(queue):
            pass

    def _take(self, queue: _Queue) -> bool:
        """Answers one request; whether there was one. As it returns, it lets go of request, answer, and model."""
        waiting = queue.get()
        if waiting is None:
            return False
        future, answer, request = waiting
        try:
            response = b"" if future.cancelled() else answer(request)
        except Exception as error:
            self._loop.call_soon_threadsafe(self._finish, future, b"", error)
        else:
            self._loop.call_soon_threadsafe(self._finish, future, response, None)
        return True

    def _finish(self, future: "asyncio.Future[bytes]", response: bytes, error: Exception | None) -> None:
        self._unfinished -= 1
        if future.cancelled():
            return
        if error is None:
            future.set_result(response)
        else:
            future.set_exception(error)
