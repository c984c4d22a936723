"""The node that tells a model which ids it has learned, so that fine-tuning never gives a new id another id's row."""

from collections import defaultdict

import numpy as np
import tensorflow as tf
from tensorflow_transform.output_wrapper import TFTransformOutput
from tfx.dsl.component.experimental.annotations import InputArtifact, OutputArtifact
from tfx.dsl.component.experimental.decorators import component
from tfx.types import artifact_utils
from tfx.types.standard_artifacts import Examples, Model, TransformGraph
from tfx.utils import io_utils
from tfx.utils.path_utils import serving_model_dir

from models.export.start_files import read_known, write_known
from transforms.example_schema import raw_feature_spec
from transforms.feature import Feature
from transforms.known_ids import owner
from transforms.learned import read_table

_BATCH = 4096


@component
def KnownStart(  # noqa: N802
    model: InputArtifact[Model],
    examples: InputArtifact[Examples],
    transform_graph: InputArtifact[TransformGraph],
    start: OutputArtifact[Model],
) -> None:
    """Copies a model and adds the hashed ids of the rows that it was trained on.

    A model that has these ids already, since it was fine-tuned itself, keeps them: only the first training in this
    Transform could give ids rows of their own.

    Args:
        model: of a Trainer.
        examples: the rows that the Trainer read, with the split `train`.
        transform_graph: the Transform that it read them through.
        start: the copy.
    """
    io_utils.copy_dir(model.uri, start.uri)
    folder = serving_model_dir(start.uri)
    if read_known(folder) is None:
        table = read_table(TFTransformOutput(transform_graph.uri).transform_savedmodel_dir)
        train = artifact_utils.get_split_uri([examples], "train")
        write_known(known_ids(f"{train}/*", table), folder)


def known_ids(pattern: str, table: tuple[Feature, ...]) -> dict[str, tuple[str, ...]]:
    """The hashed ids of some rows, by the feature that owns their embedding rows.

    Args:
        pattern: of gzipped TFRecords of tf.Example.
        table: the features of Transform.
    """
    hashed = tuple(feature for feature in table if feature.storage.encoding == "hash")
    seen: dict[str, set[bytes]] = defaultdict(set)
    if hashed:
        columns = raw_feature_spec(hashed)
        files = tf.data.Dataset.from_tensor_slices(sorted(tf.io.gfile.glob(pattern)))
        rows = files.flat_map(lambda file: tf.data.TFRecordDataset(file, compression_type="GZIP"))
        for batch in rows.batch(_BATCH).map(lambda serialized: tf.io.parse_example(serialized, columns)):
            for feature in hashed:
                value = batch[feature.name]
                values = value.flat_values if isinstance(value, tf.RaggedTensor) else value
                seen[owner(feature)].update(np.unique(np.ravel(values.numpy()).astype(object)).tolist())
    return {
        owner(feature): tuple(
            sorted(value.decode("utf-8", "surrogateescape") for value in seen[owner(feature)] if value)
        )
        for feature in hashed
    }
