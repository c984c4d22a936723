"""The event loop on which fronts receive and send.

gRPC's asyncio server shares one queue of events among all loops of a process, and logs errors if there are several.
So all servers of a process share one loop. It runs in a thread of its own until the process ends.
"""

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

Result = TypeVar("Result")

_LOCK = threading.Lock()
_loop: asyncio.AbstractEventLoop | None = None


def run(coroutine: Coroutine[Any, Any, Result]) -> Result:
    """Runs `coroutine` on the loop and returns its result; call it from any other thread."""
    return asyncio.run_coroutine_threadsafe(coroutine, running_loop()).result()


def running_loop() -> asyncio.AbstractEventLoop:
    """The loop, started by the first call."""
    global _loop
    with _LOCK:
        if _loop is None:
            _loop = asyncio.new_event_loop()
            threading.Thread(target=_loop.run_forever, name="serving-loop", daemon=True).start()
        return _loop
