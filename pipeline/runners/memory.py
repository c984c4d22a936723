"""Gives memory back to the system between nodes, since all nodes of a local run share one process."""

import ctypes
import gc
import logging
import sys
import time

LONG_SECONDS = 5.0
"""Collecting objects takes half a second. A shorter node, or one from the cache, leaves too little for that."""


class MemoryReturn(logging.Handler):
    """Gives back what a node leaves in memory, when TFX's log says that a long node is finished.

    glibc keeps freed memory for later allocations. After a node with many threads, it keeps hundreds of MiB in pieces
    that the next node hardly uses, so they would add to that node's peak.
    """

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self._began = time.monotonic()

    def emit(self, record: logging.LogRecord) -> None:
        """Reads one record, and ignores all but the begin and the end of nodes."""
        if record.msg == "Component %s is running.":
            self._began = time.monotonic()
        elif record.msg == "Component %s is finished." and time.monotonic() - self._began >= LONG_SECONDS:
            give_back()


def give_back() -> None:
    """Frees unreachable objects, and gives unused pages of the heap back to the system where glibc can."""
    gc.collect()
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # other C libraries have none
        if trim is not None:
            trim(0)
