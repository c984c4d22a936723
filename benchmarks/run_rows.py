"""The rows of a run's splits as a branch's model takes them, and what scores them: the model, and the truth."""

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import polars as pl
import tensorflow as tf
from tensorflow_transform.output_wrapper import TFTransformOutput

from benchmarks.keys import Keys
from models.prepared_rows import PreparedRows
from models.signatures import EXAMPLES
from models.training.read_split import read_split
from pipeline.configuration.branches import Branch
from pipeline.configuration.config import Config
from pipeline.metadata.records import Run
from transforms.domain import STREAM
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
            folder=lambda: Path(tempfile.mkdtemp()),
        )
        for split in SPLITS
    }


def served_scores(run: Run, branch: Branch, config: Config, files: Sequence[str]) -> np.ndarray:
    """The probability of a stream by a branch's exported model, `[n]`; NaN where no head is for the row's source."""
    (model,) = run.outputs(f"Trainer.{branch.name}", "model")
    score = tf.saved_model.load(f"{model}/Format-Serving").signatures[EXAMPLES]
    heads = {source: branch.recipe.head_for(STREAM, source) for source in config.sources}
    records = tf.data.TFRecordDataset(list(files), compression_type="GZIP").batch(_BATCH)
    return np.concatenate([_by_source(batch, score(examples=batch), heads) for batch in records])


def _by_source(batch: tf.Tensor, scores: Mapping[str, tf.Tensor], heads: Mapping[str, str | None]) -> np.ndarray:
    source = tf.io.parse_example(batch, {"source": tf.io.FixedLenFeature([], tf.string)})["source"].numpy()
    chosen = np.full(len(source), np.nan)
    for name, head in heads.items():
        own = source == name.encode()
        if head is not None:
            chosen[own] = scores[head].numpy()[own]
    return chosen


def true_probability(truth: Path, keys: Keys) -> np.ndarray | None:
    """Each row's true probability that the impression causes a stream; None in a world whose truth is not known."""
    if not truth.is_dir():
        return None
    known = pl.read_parquet(truth / "**" / "*.parquet", columns=["impression_id", "p_stream"])
    rows = pl.DataFrame({"impression_id": keys.impression_id})
    return rows.join(known, on="impression_id", how="left", maintain_order="left")["p_stream"].to_numpy()
