"""Serving until the process gets SIGINT or SIGTERM."""

import gc
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from serving.config import ServingConfig
from serving.server.server import Server

_LOOK_SECONDS = 0.5
_SWITCH_SECONDS = 0.001
"""How long a computing thread may keep the event loop, and so health, waiting. Python's default is 0.005."""


class _Stopped(BaseException):
    """The process got SIGINT or SIGTERM."""


def serve(
    config: ServingConfig,
    model_dir: str | Path,
    started: Callable[[Server], None] = lambda _server: None,
    tell: Callable[[str], None] = lambda _sentence: None,
) -> None:
    """Serves until SIGINT or SIGTERM; call it from the main thread.

    Args:
        config: name, address, polling, threads, and bounds of requests.
        model_dir: holds one directory a version.
        started: called once a version is available.
        tell: see `Server`.

    Raises:
        ServingError: the directory does not exist, it holds no version that loads, or the port is in use.
    """

    def stop(*_: object) -> None:
        for number in previous:
            signal.signal(number, signal.SIG_IGN)  # a second signal must not interrupt the stop
        raise _Stopped

    previous = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    gc.freeze()  # garbage collection then skips all modules: after a swap it pauses requests for 1 ms, not 200
    interval = sys.getswitchinterval()
    sys.setswitchinterval(_SWITCH_SECONDS)
    try:
        for number in previous:
            signal.signal(number, stop)
        with Server(config, model_dir, tell) as server:
            started(server)
            while True:  # a signal that another thread receives does not wake this one
                time.sleep(_LOOK_SECONDS)
    except _Stopped:
        pass
    finally:
        sys.setswitchinterval(interval)
        gc.unfreeze()
        for number, handler in previous.items():
            signal.signal(number, handler)
