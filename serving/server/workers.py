"""The threads that answer requests, and how many requests may wait for them."""

import asyncio
import threading
from collections.abc import Callable
from queue import SimpleQueue

from serving.server.refusal import Code, Refusal

LARGE_BYTES = 1 << 18
MOST_LARGE_WAITING = 16
MOST_BYTES = 1 << 26
"""Bytes of the large requests that wait or run, and as many of the small ones."""
_Response = bytes | Refusal
_Answer = Callable[[bytes], bytes]


class Workers:
    """Threads for requests that have arrived in full, by any front. Call every method on the event loop.

    All large requests share one thread: feeding one to TensorFlow holds Python's interpreter lock for up to 30 ms, and
    several at once would hold up the small ones and health. (`ThreadPoolExecutor` takes 0.1 ms more of CPU a request.)
    """

    def __init__(self, threads: int, max_waiting: int) -> None:
        """Starts the threads.

        Args:
            threads: small requests that are answered at the same time.
            max_waiting: small requests that may wait. Of the large ones, 16 may wait at most.
        """
        self._small = _Lane(threads, max_waiting, "requests wait for this server already (serving.max_waiting)")
        self._large = _Lane(
            1,
            min(max_waiting, MOST_LARGE_WAITING),
            f"requests of more than {LARGE_BYTES >> 10} KiB wait for this server already",
        )
        for lane in (self._small, self._large):
            for _ in range(lane.threads):
                threading.Thread(target=lane.work, name="serving-worker", daemon=True).start()

    @property
    def unfinished(self) -> int:
        """How many requests wait or run."""
        return self._small.unfinished + self._large.unfinished

    async def run(self, answer: _Answer, request: bytes) -> _Response:
        """Calls `answer(request)` in a thread, unless the caller gives up before a thread is free.

        Returns:
            The response, or a refusal: the one that `answer` raises, or RESOURCE_EXHAUSTED, if too many requests wait
            already, or too many bytes.

        Raises:
            Exception: whatever else `answer` raises.
        """
        lane = self._large if len(request) > LARGE_BYTES else self._small
        refusal = lane.refusal(request)
        return refusal if refusal is not None else await lane.put(answer, request)

    def stop(self) -> None:
        """Ends each thread, after the requests that wait for it."""
        self._small.end()
        self._large.end()


class _Lane:
    """A queue and its threads. The counts of requests that wait or run change on the event loop only.

    Attributes:
        threads: requests that run at the same time.
        unfinished: requests that wait or run.
    """

    def __init__(self, threads: int, most_waiting: int, full: str) -> None:
        """Args: the threads, the most requests that may wait for them, and the text of a refusal after that number."""
        self.threads = threads
        self.unfinished = 0
        self._bytes = 0
        self._most_waiting = most_waiting
        self._full = full
        self._loop = asyncio.get_running_loop()
        self._queue: SimpleQueue[tuple[asyncio.Future[_Response], _Answer, bytes] | None] = SimpleQueue()

    def refusal(self, request: bytes) -> Refusal | None:
        """The refusal of a request for which there is no room, in number or in bytes."""
        if self.unfinished < self.threads:
            return None
        if self.unfinished >= self.threads + self._most_waiting:
            return Refusal(Code.RESOURCE_EXHAUSTED, f"{self._most_waiting} {self._full}")
        if self._bytes + len(request) > MOST_BYTES:
            return Refusal(Code.RESOURCE_EXHAUSTED, f"{MOST_BYTES >> 20} MiB of requests wait for this server already")
        return None

    def put(self, answer: _Answer, request: bytes) -> "asyncio.Future[_Response]":
        """The future response to a request."""
        self.unfinished += 1
        self._bytes += len(request)
        future = self._loop.create_future()
        self._queue.put((future, answer, request))
        return future

    def end(self) -> None:
        """Ends each thread, after the requests that wait for it."""
        for _ in range(self.threads):
            self._queue.put(None)

    def work(self) -> None:
        """The body of a thread: answers requests until `end`."""
        while self._take():
            pass

    def _take(self) -> bool:
        """Answers one request; returns False at the end. Then it holds neither request nor answer nor model."""
        waiting = self._queue.get()
        if waiting is None:
            return False
        future, answer, request = waiting
        try:
            response: _Response = b"" if future.cancelled() else answer(request)
        except Refusal as refusal:
            self._loop.call_soon_threadsafe(self._finish, future, len(request), refusal.bare(), None)
        except Exception as error:
            self._loop.call_soon_threadsafe(self._finish, future, len(request), b"", error)
        else:
            self._loop.call_soon_threadsafe(self._finish, future, len(request), response, None)
        return True

    def _finish(
        self, future: "asyncio.Future[_Response]", size: int, response: _Response, error: Exception | None
    ) -> None:
        self.unfinished -= 1
        self._bytes -= size
        if future.cancelled():
            return
        if error is None:
            future.set_result(response)
        else:
            future.set_exception(error)
