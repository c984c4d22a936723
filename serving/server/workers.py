"""The threads that answer requests, and how many requests may wait for them."""

import asyncio
import threading
from collections.abc import Callable
from queue import SimpleQueue

import grpc

from serving.server.refusal import Refusal

LARGE_BYTES = 1 << 18
_Response = bytes | Refusal
_Answer = Callable[[bytes], _Response]


class Workers:
    """Threads for requests that have arrived in full. Call every method on the event loop.

    All large requests share one thread: to feed one to TensorFlow holds Python's interpreter lock for up to 30 ms, and
    several at once would hold up the small ones and health. (`ThreadPoolExecutor` takes 0.1 ms more of CPU a request.)
    """

    def __init__(self, threads: int, max_waiting: int) -> None:
        """Starts the threads.

        Args:
            threads: small requests that are answered at the same time.
            max_waiting: small requests that may wait, and large ones that may wait.
        """
        self._small = _Lane(threads)
        self._large = _Lane(1)
        self._max_waiting = max_waiting
        for lane in (self._small, self._large):
            for _ in range(lane.threads):
                threading.Thread(target=lane.work, name="serving-worker", daemon=True).start()

    async def run(self, answer: _Answer, request: bytes) -> _Response:
        """What `answer(request)` returns in a thread; if the caller gives up before a thread is free, none calls it.

        Returns:
            The response, or a refusal: RESOURCE_EXHAUSTED, if too many requests wait already.

        Raises:
            Exception: whatever `answer` raises.
        """
        lane = self._large if len(request) > LARGE_BYTES else self._small
        if lane.unfinished >= lane.threads + self._max_waiting:
            return Refusal(
                grpc.StatusCode.RESOURCE_EXHAUSTED,
                f"{self._max_waiting} requests wait for this server already (serving.max_waiting)",
            )
        lane.unfinished += 1
        future = lane.loop.create_future()
        lane.queue.put((future, answer, request))
        return await future

    def stop(self) -> None:
        """Ends each thread, after the requests that wait for it."""
        for lane in (self._small, self._large):
            for _ in range(lane.threads):
                lane.queue.put(None)


class _Lane:
    """A queue and its threads. `unfinished` counts the requests that wait or run; it changes on the event loop only."""

    def __init__(self, threads: int) -> None:
        self.threads = threads
        self.unfinished = 0
        self.loop = asyncio.get_running_loop()
        self.queue: SimpleQueue[tuple[asyncio.Future[_Response], _Answer, bytes] | None] = SimpleQueue()

    def work(self) -> None:
        """What a thread does until `stop`."""
        while self._take():
            pass

    def _take(self) -> bool:
        """Answers one request; whether there was one. As it returns, it lets go of request, answer, and model."""
        waiting = self.queue.get()
        if waiting is None:
            return False
        future, answer, request = waiting
        try:
            response: _Response = b"" if future.cancelled() else answer(request)
        except Exception as error:
            self.loop.call_soon_threadsafe(self._finish, future, b"", error)
        else:
            self.loop.call_soon_threadsafe(self._finish, future, response, None)
        return True

    def _finish(self, future: "asyncio.Future[_Response]", response: _Response, error: Exception | None) -> None:
        self.unfinished -= 1
        if future.cancelled():
            return
        if error is None:
            future.set_result(response)
        else:
            future.set_exception(error)
