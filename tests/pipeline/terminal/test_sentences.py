import errno

import pytest
import tensorflow as tf

from components.code_hash import CodeHashError
from pipeline.errors import ConfigError
from pipeline.terminal.sentences import interrupted, sentence_of
from transforms.errors import UserError


class InvalidError(UserError, ValueError):
    """As pydantic's validators need it."""


HINT = "; check the path, its permissions and the space on the disk"

FULL = "No space left on device for the metadata store"


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (ConfigError("seed: too small"), "seed: too small"),
        (InvalidError("a class of any package"), "a class of any package"),
        (PermissionError(errno.EACCES, "Permission denied", "work/x"), f"Permission denied: work/x{HINT}"),
        (OSError(errno.ENOSPC, "No space left on device"), f"No space left on device{HINT}"),
        (
            tf.errors.PermissionDeniedError(None, None, "work/models/.pushing-1; Permission denied\nmore"),
            f"work/models/.pushing-1; Permission denied{HINT}",
        ),
        (
            tf.errors.ResourceExhaustedError(None, None, "work/model_run/5; No space left on device"),
            f"work/model_run/5; No space left on device{HINT}",
        ),
        (RuntimeError("Error when executing query: database or disk is full query: UPDATE"), f"{FULL}{HINT}"),
        (
            RuntimeError("OSError: [Errno 28] No space left on device [while running 'Write/Finalize']"),
            f"No space left on device{HINT}",
        ),
    ],
)
def test_a_refusal_of_the_system_is_one_sentence(error: Exception, sentence: str):
    assert sentence_of(error) == sentence


@pytest.mark.parametrize(
    "error",
    [
        ValueError("a bug"),
        CodeHashError("a class of ours, raised by a bug of ours"),
        OSError(errno.EBADF, "Bad file descriptor"),
        OSError("without a number"),
        tf.errors.InvalidArgumentError(None, None, "shapes differ"),
        RuntimeError("OSError: [Errno 9] Bad file descriptor [while running 'Write']"),
        RuntimeError("[Errno 28] is no error"),
    ],
)
def test_a_bug_keeps_its_traceback(error: Exception):
    assert sentence_of(error) is None


def test_ctrl_c_in_a_worker_of_beam_is_not_a_bug():
    assert interrupted(RuntimeError("KeyboardInterrupt [while running 'Read/Decode']"))
    assert interrupted(RuntimeError("Traceback ...\nRuntimeError: KeyboardInterrupt [while running 'Read/Decode']\n"))
    assert not interrupted(RuntimeError("a bug"))
    assert not interrupted(RuntimeError("/work/KeyboardInterrupt is full"))
