"""The curated schema as a file for ImportSchemaGen, whose cache key is the file's path and not its content."""

import hashlib
import posixpath
import uuid

from google.protobuf import text_format
from tfx.dsl.io import fileio

from transforms.example_schema import build_schema
from transforms.feature import Feature


def write_schema(features: tuple[Feature, ...], folder: str) -> str:
    """Writes the schema of `features` below `folder` and returns its path, which holds a hash of the content.

    The same features give the same path and bytes, others another path, so that the cache is right.
    """
    text = text_format.MessageToString(build_schema(features))
    path = posixpath.join(folder, f"schema-{hashlib.sha256(text.encode()).hexdigest()[:16]}", "schema.pbtxt")
    if not fileio.exists(path):
        fileio.makedirs(posixpath.dirname(path))
        written = f"{path}.{uuid.uuid4().hex}"
        with fileio.open(written, "w") as file:
            file.write(text)
        fileio.rename(written, path, overwrite=True)
    return path
