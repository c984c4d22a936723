"""A push in a process of its own that is killed, as by `kill -9`, at a step."""

import signal
import subprocess
import sys
from pathlib import Path

_CODE = """
import os, signal, sys
from pathlib import Path
from components.pusher.publish import publish

setattr(Path, sys.argv[1], lambda *_: os.kill(os.getpid(), signal.SIGKILL))
publish(*sys.argv[2:])
"""


def killed_in(method: str, model: str, directory: Path) -> None:
    """Publishes `model` below `directory` and dies as soon as `Path.<method>` is called."""
    command = [sys.executable, "-c", _CODE, method, model, str(directory)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == -signal.SIGKILL, done.stderr
