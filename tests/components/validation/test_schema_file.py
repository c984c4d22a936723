"""The schema file's path follows its content, so that ImportSchemaGen's cache is right."""

from pathlib import Path

from google.protobuf import text_format
from tensorflow_metadata.proto.v0 import schema_pb2

from components.validation.schema_file import write_schema
from transforms.domain import Domain
from transforms.example_schema import build_schema
from transforms.features import FEATURES

DOMAIN = Domain()


def test_the_same_features_and_sources_have_the_same_path_and_others_another(tmp_path):
    first = write_schema(FEATURES, DOMAIN, str(tmp_path))
    written = Path(first).stat().st_mtime_ns
    assert write_schema(FEATURES, DOMAIN, str(tmp_path)) == first
    assert Path(first).stat().st_mtime_ns == written
    assert write_schema(FEATURES, Domain(sources=("ad",)), str(tmp_path)) != first
    assert write_schema(FEATURES[1:], DOMAIN, str(tmp_path)) != first


def test_the_file_holds_the_schema_and_nothing_half_written_lies_beside_it(tmp_path):
    path = Path(write_schema(FEATURES, DOMAIN, str(tmp_path)))
    schema = text_format.Parse(path.read_text(), schema_pb2.Schema())
    assert str(schema) == str(
        build_schema(FEATURES, DOMAIN)
    )  # as text: NaN, the default of numbers, does not equal itself
    assert [file.name for file in path.parent.iterdir()] == ["schema.pbtxt"]
