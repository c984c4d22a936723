"""Prepares training from the artifacts of a run: the rows of both splits, and the layout of the model's inputs."""

import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tensorflow_transform.output_wrapper import TFTransformOutput

from models.prepared_rows import PreparedRows
from models.spec import TrainingSpec
from models.training.read_split import read_split
from transforms.known_ids import Known
from transforms.packed import PackedLayout, packed_layout
from transforms.raw_to_packed import RawToPacked

MEMORY_BYTES = 768 * 1024**2
"""Rows of both splits to hold in memory: those of the configs `default` and `study` fit.

A split that does not fit lies in memory-mapped files. Their pages count as files, which the system can drop, and a step
costs the same while it keeps them (docs/performance.md#training). No setting: the model is the same, and TFX would hash
a setting.
"""


@dataclass(frozen=True)
class PreparedData:
    """The rows and layout that training needs, from a run's artifacts.

    Attributes:
        transform: the output of Transform.
        layout: columns of the rows, and rows of the fused embedding table.
        train: rows of the sources that the recipe is trained on.
        validation: rows of the sources that the recipe is measured on, in the natural mix.
        seconds: wall time of reading and transforming both splits.
    """

    transform: TFTransformOutput
    layout: PackedLayout
    train: PreparedRows
    validation: PreparedRows
    seconds: float


@contextmanager
def prepared_data(
    spec: TrainingSpec,
    *,
    train: Sequence[str],
    validation: Sequence[str],
    transform_graph: str,
    beside: str = "",
    known: Known | None = None,
) -> Iterator[PreparedData]:
    """Reads both splits through the Transform graph; files of rows that do not fit into memory go with the block.

    Args:
        spec: gives the recipe's sources and labels, and the features.
        train: file patterns of the train split, gzipped TFRecords of tf.Example.
        validation: file patterns of the validation split.
        transform_graph: folder of Transform's output.
        beside: where such files go if this is a folder on a disk of this machine; else the system's temporary folder,
            which is often in memory.
        known: the hashed ids that the model may take; None for all.

    Raises:
        TrainingError: a split has no rows of the recipe's sources.
    """
    recipe, features = spec.recipe, spec.inputs
    transform = TFTransformOutput(transform_graph)
    layout = packed_layout(transform, features)
    pack = RawToPacked(transform, layout, features, known).from_examples
    with ExitStack() as stack:

        def folder() -> Path:
            parent = beside if beside and Path(beside).is_dir() else None
            path = Path(tempfile.mkdtemp(prefix="coldcast-rows-", dir=parent))
            stack.callback(shutil.rmtree, path, ignore_errors=True)
            return path

        def read(patterns: Sequence[str], split: str, wanted: tuple[str, ...], memory: int) -> PreparedRows:
            return read_split(
                patterns,
                pack,
                split=split,
                label_names=recipe.labels,
                source_names=spec.sources,
                wanted=wanted,
                memory=memory,
                folder=folder,
            )

        started = time.perf_counter()
        train_rows = read(train, "train", recipe.trained_on, MEMORY_BYTES)
        left = MEMORY_BYTES - train_rows.bytes_in_memory
        validation_rows = read(validation, "validation", recipe.read_on, left)
        yield PreparedData(transform, layout, train_rows, validation_rows, time.perf_counter() - started)
