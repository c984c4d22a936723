"""What our Beam steps send to workers would arrive on any engine: names that workers can import, and no local files.

`python -m benchmarks.flink` runs the same on a real engine.
"""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from types import FunctionType
from typing import Any

import dill
import pytest
from apache_beam.internal import pickler
from apache_beam.options.pipeline_options import PortableOptions
from tfx.components.schema_gen.import_schema_gen.component import ImportSchemaGen
from tfx.components.transform.component import Transform
from tfx.proto import transform_pb2

from components.evaluation.config import EvaluatorConfig
from components.ingestion.component import Ingestion
from components.ingestion.config import IngestionConfig
from components.split.component import TemporalSplit
from components.split.config import SplitConfig
from components.validation.schema_file import write_schema
from components.validation.statistics import ColumnarStatisticsGen
from files.packages import OUR_PACKAGES
from logs.fingerprint import fingerprint
from logs.location import write_location
from tests.components import runs
from tests.components.evaluation.evaluated import RECIPES, evaluate, write_model, write_rows
from tests.components.ingestion.random_logs import random_logs, write_logs
from tests.components.recording_runner import NAME, RecordingRunner
from tests.labelled_rows import random_labelled
from transforms.config import FeaturesConfig
from transforms.domain import Domain
from transforms.features import FEATURES

JOB_ENDPOINT = "nowhere:1"
BEAM = (
    f"--runner={NAME}",
    f"--job_endpoint={JOB_ENDPOINT}",
    "--sdk_container_image=ours",  # else TFX packs its own sources for the workers
)


@dataclass
class Sent:
    """What all pipelines of a run send to their workers, beside the rows.

    Attributes:
        local: the folder for local temporary files.
        named: our functions and classes.
        unnamed: those of them that a worker could not import.
        paths: local temporary files that are named.
        pipelines: the job server that the arguments of each pipeline name.
    """

    local: str
    named: set[str] = field(default_factory=set)
    unnamed: set[str] = field(default_factory=set)
    paths: set[str] = field(default_factory=set)
    pipelines: list[str] = field(default_factory=list)


class Reader(dill.Pickler):
    """Goes through all that a pickle has or refers to, as Beam pickles it."""

    def __init__(self, sent: Sent) -> None:
        super().__init__(BytesIO())
        self._sent = sent

    def save(self, value: Any, *args: Any, **options: Any) -> None:
        if isinstance(value, FunctionType | type) and value.__module__.partition(".")[0] in OUR_PACKAGES:
            name = f"{value.__module__}.{value.__qualname__}"
            self._sent.named.add(name)
            if "<" in name:  # <lambda>, or <locals>: defined while another function ran
                self._sent.unnamed.add(name)
        if isinstance(value, str | bytes) and self._sent.local in str(value):
            self._sent.paths.add(str(value))
        super().save(value, *args, **options)


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sent]:
    local = tmp_path_factory.mktemp("local")
    found = Sent(str(local))
    dumps = pickler.dumps

    def read_and_pickle(value: Any, *args: Any, **options: Any) -> bytes:
        Reader(found).dump(value)
        return dumps(value, *args, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tempfile, "tempdir", str(local))
        patch.setattr(pickler, "dumps", read_and_pickle)
        patch.setattr(RecordingRunner, "options", [])
        up_to_transform(tmp_path_factory.mktemp("run"))
        evaluator(tmp_path_factory.mktemp("evaluation"))
        found.pipelines += [options.view_as(PortableOptions).job_endpoint for options in RecordingRunner.options]
        yield found


def up_to_transform(folder: Path) -> None:
    days = tuple(range(6))
    logs = write_logs(random_logs(1, 40, 0.0, acted=days, shown=days), folder / "logs")
    ingestion = Ingestion(
        write_location(logs, fingerprint(logs), str(folder / "locations")), IngestionConfig(), Domain(), FEATURES
    )
    split = TemporalSplit(
        days=ingestion.outputs["examples"],
        accounting=ingestion.outputs["accounting"],
        **SplitConfig(validation_days=1, test_days=1).parameters(),
    )
    schema = ImportSchemaGen(schema_file=write_schema(FEATURES, Domain(), str(folder / "schema")))
    statistics = ColumnarStatisticsGen(examples=split.outputs["examples"], schema=schema.outputs["schema"])
    transform = Transform(
        examples=split.outputs["examples"],
        schema=schema.outputs["schema"],
        preprocessing_fn="transforms.preprocessing.preprocessing_fn",
        splits_config=transform_pb2.SplitsConfig(analyze=["train"]),
        custom_config=FeaturesConfig().for_transform(),
        materialize=False,
        disable_statistics=True,
        disable_analyzer_cache=True,
    )
    runs.run(folder, [ingestion, split, schema, statistics, transform], beam=BEAM)


def evaluator(folder: Path) -> None:
    recipe = RECIPES["joint"]
    model = write_model(folder / "model", recipe.heads, 1.0)
    rows = write_rows(folder / "examples", random_labelled(500))
    evaluate(folder, rows, model, recipe, EvaluatorConfig(), beam=BEAM)


def test_workers_can_import_every_function_and_class_by_its_name(sent: Sent):
    assert {
        "components.ingestion.steps.beam_map._Work",
        "components.ingestion.steps.read.read_chunk",
        "components.validation.reading.read_batches",
        "transforms.analyzer._MergeMoments",
        "transforms.quantile_analyzer._MergeSamples",
        "components.evaluation.combiner.RowsCombiner",
    } <= sent.named
    assert sent.unnamed == set()


def test_no_worker_gets_a_file_in_the_local_temporary_folder(sent: Sent):
    assert sent.paths == set()


def test_every_pipeline_gets_the_arguments_of_the_config(sent: Sent):
    assert len(sent.pipelines) > 8
    assert set(sent.pipelines) == {JOB_ENDPOINT}
