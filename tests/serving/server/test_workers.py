"""How many requests, and how many bytes, may wait for a thread."""

import asyncio
import threading

import pytest

from serving.server import event_loop, workers
from serving.server.refusal import Code, Refusal
from serving.server.workers import LARGE_BYTES, Workers

SMALL, LARGE = b"x", b"x" * (LARGE_BYTES + 1)


def responses(requests: list[bytes], max_waiting: int) -> list[bytes | Refusal]:
    """What requests get that come while the first one, which has its own thread, still runs."""
    opened = threading.Event()

    def answer(request: bytes) -> bytes:
        assert opened.wait(60)
        return b"%d" % len(request)

    async def run() -> list[bytes | Refusal]:
        running = Workers(1, max_waiting)
        tasks = [asyncio.create_task(running.run(answer, request)) for request in requests]
        await asyncio.sleep(0)  # each task runs until it waits or is refused
        opened.set()
        answers = await asyncio.gather(*tasks)
        assert running.unfinished == 0
        running.stop()
        return answers

    return event_loop.run(run())


def refusals(answers: list[bytes | Refusal]) -> list[str]:
    found = [answer for answer in answers if isinstance(answer, Refusal)]
    assert all(refusal.code == Code.RESOURCE_EXHAUSTED for refusal in found)
    return [refusal.details for refusal in found]


@pytest.mark.parametrize(
    ("request_", "max_waiting", "answered", "details"),
    [
        (SMALL, 2, 3, "2 requests wait for this server already (serving.max_waiting)"),
        (LARGE, 2, 3, "2 requests of more than 256 KiB wait for this server already"),
        (LARGE, 256, 17, "16 requests of more than 256 KiB wait for this server already"),
    ],
)
def test_only_so_many_requests_wait(request_: bytes, max_waiting: int, answered: int, details: str) -> None:
    answers = responses([request_] * (answered + 2), max_waiting)
    assert answers[:answered] == [b"%d" % len(request_)] * answered
    assert refusals(answers[answered:]) == [details] * 2


def test_only_so_many_bytes_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "MOST_BYTES", 1 << 20)
    three, rest = [b"x" * (300 << 10)] * 3, [b"x" * (300 << 10), b"x" * (257 << 10)]
    answers = responses(three + rest, 256)  # 900 KiB fit into 1 MiB; 1,200 and 1,157 do not
    assert refusals(answers[:3]) == []
    assert refusals(answers[3:]) == ["1 MiB of requests wait for this server already"] * 2


def test_a_request_longer_than_what_may_wait_is_answered_when_its_thread_is_free(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(workers, "MOST_BYTES", 1 << 18)
    assert responses([LARGE], 0) == [b"%d" % len(LARGE)]
