"""The version directories of a model as they lie on the filesystem (local or remote)."""

from collections.abc import Hashable

import tensorflow as tf

from models.versions import version_number


def versions(model_dir: str) -> dict[int, str]:
    """Path of each version directory by its number; other names are not versions."""
    paths: dict[int, str] = {}
    for entry in sorted(tf.io.gfile.listdir(model_dir)):
        version = version_number(entry)
        if version is not None:
            paths[version] = f"{model_dir}/{entry.rstrip('/')}"
    return paths


def present(path: str) -> bool:
    """Whether the graph's file exists; publishers write it last."""
    return tf.io.gfile.exists(f"{path}/saved_model.pb")


def fingerprint(path: str) -> Hashable:
    """Changes whenever a file below `path` appears, grows, shrinks or is written again."""
    files = []
    for folder, _, names in tf.io.gfile.walk(path):
        for name in names:
            file = f"{folder.rstrip('/')}/{name}"
            status = tf.io.gfile.stat(file)
            files.append((file, status.length, status.mtime_nsec))
    return tuple(sorted(files))
