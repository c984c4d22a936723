"""A train split of random rows of all features, as the Examples and Schema artifacts that TFX's executors take."""

from pathlib import Path

from google.protobuf import text_format
from tfx.types import artifact_utils
from tfx.types.standard_artifacts import Examples, Schema

from pipeline.configuration.beam import BeamConfig
from tests.labelled_rows import random_labelled
from transforms.domain import Domain
from transforms.example_schema import build_schema
from transforms.examples import to_examples, write_examples
from transforms.features import FEATURES

BEAM = list(BeamConfig().args)


def write_split(folder: Path, rows: int) -> None:
    """Writes `rows` rows and their schema below `folder`."""
    (folder / "Split-train").mkdir(parents=True)
    write_examples(to_examples(random_labelled(rows)), str(folder / "Split-train/examples-00000.tfrecord.gz"))
    (folder / "schema").mkdir()
    (folder / "schema/schema.pbtxt").write_text(text_format.MessageToString(build_schema(FEATURES, Domain())))


def read_split(folder: Path) -> tuple[Examples, Schema]:
    """The files of `write_split` as artifacts."""
    examples, schema = Examples(), Schema()
    examples.uri, schema.uri = str(folder), str(folder / "schema")
    examples.split_names = artifact_utils.encode_split_names(["train"])
    return examples, schema
