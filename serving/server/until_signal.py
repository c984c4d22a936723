"""Serving until the process gets SIGINT or SIGTERM."""

import gc
import signal
import time
from collections.abc import Callable
from pathlib import Path

from serving.config import ServingConfig
from serving.server.server import Server

_LOOK_SECONDS = 0.5


class _Stopped(BaseException):
    """SIGINT or SIGTERM came."""


def serve(
    config: ServingConfig,
    model_dir: str | Path,
    started: Callable[[Server], None] = lambda _server: None,
    tell: Callable[[str], None] = lambda _sentence: None,
) -> None:
    """Serves until SIGINT or SIGTERM; to be called from the main thread.

    Args:
        config: name, address, polling and threads.
        model_dir: holds one directory a version.
        started: called once a version is available, to tell the user.
        tell: as for `Server`.

    Raises:
        ServingError: no such directory, no version, none that loads, or the port is in use.
    """

    def stop(*_: object) -> None:
        for number in previous:
            signal.signal(number, signal.SIG_IGN)  # a second one must not interrupt the stopping
        raise _Stopped

    previous = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    gc.freeze()  # what is imported by now stays; collecting after a swap then pauses requests for 1 ms, not 200
    try:
        for number in previous:
            signal.signal(number, stop)
        with Server(config, model_dir, tell) as server:
            started(server)
            while True:  # a signal that another thread receives does not wake this one: it must look by itself
                time.sleep(_LOOK_SECONDS)
    except _Stopped:
        pass
    finally:
        gc.unfreeze()
        for number, handler in previous.items():
            signal.signal(number, handler)
