"""The rows of a run's splits as inputs of a branch's model, and their true probabilities."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl
import tensorflow as tf
from tensorflow_transform.output_wrapper import TFTransformOutput

from models.prepared_rows import PreparedRows
from models.training.prepare import MEMORY_BYTES
from models.training.read_split import read_split
from pipeline.configuration.branches import Branch
from pipeline.configuration.config import Config
from pipeline.metadata.records import Run
from transforms.packed import PackedLayout, packed_layout
from transforms.raw_to_packed import RawToPacked

SPLITS = ("train", "validation", "test")
_BATCH = 4096


def split_files(run: Run, split: str) -> list[str]:
    """The files of a split of a run, in the order in which `read_split` reads them."""
    patterns = [f"{uri}/Split-{split}/*" for uri in run.outputs("TemporalSplit", "examples")]
    return sorted({file for pattern in patterns for file in tf.io.gfile.glob(pattern)})


def prepared_splits(run: Run, branch: Branch, config: Config) -> tuple[PackedLayout, dict[str, PreparedRows]]:
    """The inputs of a branch's model: their layout, and the rows of each split."""
    spec = branch.spec(config.domain, config.features)
    (graph,) = run.outputs("Transform", "transform_graph")
    transform = TFTransformOutput(graph)
    layout = packed_layout(transform, spec.inputs)
    pack = RawToPacked(transform, layout, spec.inputs).from_examples
    wanted = {"train": branch.recipe.trained_on}
    return layout, {
        split: read_split(
            split_files(run, split),
            pack,
            split=split,
            label_names=branch.recipe.labels,
            source_names=spec.sources,
            wanted=wanted.get(split, spec.sources),
            memory=MEMORY_BYTES,
            folder=lambda: Path(tempfile.mkdtemp()),
        )
        for split in SPLITS
    }


def impression_ids(files: Sequence[str]) -> list[str]:
    """The impression of each row of a split's files, in the order of `read_split`."""
    spec = {"impression_id": tf.io.FixedLenFeature([], tf.string)}
    records = tf.data.TFRecordDataset(list(files), compression_type="GZIP").batch(_BATCH)
    return [id_.decode() for batch in records for id_ in tf.io.parse_example(batch, spec)["impression_id"].numpy()]


def true_probability(truth: Path, ids: Sequence[str]) -> np.ndarray | None:
    """The true probability that each impression causes a stream; None in a world whose truth is not known."""
    if not truth.is_dir():
        return None
    known = pl.read_parquet(truth / "**" / "*.parquet", columns=["impression_id", "p_stream"])
    rows = pl.DataFrame({"impression_id": ids})
    return rows.join(known, on="impression_id", how="left", maintain_order="left")["p_stream"].to_numpy()
