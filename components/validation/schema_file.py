"""The curated schema as a file for ImportSchemaGen, whose cache key is the file's path and not its content."""

import hashlib
import posixpath

from google.protobuf import text_format
from tfx.dsl.io import fileio

from files.atomic import write_file
from transforms.domain import Domain
from transforms.example_schema import build_schema
from transforms.feature import Feature


def write_schema(features: tuple[Feature, ...], domain: Domain, folder: str) -> str:
    """Writes the schema of the labelled impressions below `folder` and returns its path, which holds a content hash.

    The same features and domain give the same path and bytes, others another path, so that the cache is right.

    Args:
        features: every feature of the run.
        domain: its sources and labels.
        folder: a local folder, or the address of one in an object store.
    """
    text = text_format.MessageToString(build_schema(features, domain))
    path = posixpath.join(folder, f"schema-{hashlib.sha256(text.encode()).hexdigest()[:16]}", "schema.pbtxt")
    if not fileio.exists(path):
        write_file(path, text)
    return path
