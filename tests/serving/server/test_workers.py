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
    refused = [answer for answer in answers if isinstance(answer, Refusal)]
    assert all(refusal.code == Code.RESOURCE_EXHAUSTED for refusal in refused)
    return [refusal.details for refusal in refused]


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


async def _answered_while_another_runs(running: Workers, held: bytes, others: list[bytes]) -> list[bytes | Refusal]:
    """What `others` get while `held` is in its thread, and waits for it once more, until they have their answers."""
    entered, opened = threading.Event(), threading.Event()

    def hold(_request: bytes) -> bytes:
        entered.set()
        assert opened.wait(60)
        return b"held"

    slow = [asyncio.create_task(running.run(hold, held)) for _ in range(2)]
    await asyncio.to_thread(entered.wait, 60)
    try:
        answers = [await asyncio.wait_for(running.run(bytes.upper, request), 30) for request in others]
        assert running.unfinished == 2, "a stop waits for both"
    finally:
        opened.set()
    assert await asyncio.gather(*slow) == [b"held"] * 2
    assert running.unfinished == 0
    running.stop()
    return answers


@pytest.mark.parametrize(("held", "other"), [(LARGE, SMALL), (SMALL, LARGE), (LARGE, b"x" * LARGE_BYTES)])
def test_small_and_large_requests_do_not_wait_for_each_other(held: bytes, other: bytes) -> None:
    async def run() -> list[bytes | Refusal]:
        return await _answered_while_another_runs(Workers(1, 256), held, [other] * 3)

    assert event_loop.run(run()) == [other.upper()] * 3


@pytest.mark.parametrize("request_", [SMALL, LARGE])
def test_a_stop_ends_no_request_that_waits(request_: bytes) -> None:
    opened = threading.Event()

    def answer(request: bytes) -> bytes:
        assert opened.wait(60)
        return request

    async def run() -> list[bytes | Refusal]:
        running = Workers(1, 256)
        tasks = [asyncio.create_task(running.run(answer, request_)) for _ in range(4)]
        await asyncio.sleep(0)  # one runs, three wait
        assert running.unfinished == 4
        running.stop()
        opened.set()
        return await asyncio.wait_for(asyncio.gather(*tasks), 30)

    assert event_loop.run(run()) == [request_] * 4
