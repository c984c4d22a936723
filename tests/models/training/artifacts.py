"""A run's artifacts on disk: both splits and the Transform graph, made from random rows."""

from pathlib import Path

import pyarrow as pa

from tests.labelled_rows import random_labelled
from tests.transforms.analysis import analyse
from transforms.config import FeaturesConfig
from transforms.domain import Domain
from transforms.examples import to_examples, write_examples

BUCKETS = dict.fromkeys(("show_id", "episode_id", "publisher", "campaign_id"), 100)


def write_artifacts(folder: Path, config: FeaturesConfig, domain: Domain, train: pa.Table | None = None) -> pa.Table:
    """Writes `Split-train`, `Split-validation`, and `graph` into `folder`; returns the validation rows."""
    if train is None:
        train = random_labelled(600, seed=1, features=config.table(), domain=domain)
    validation = random_labelled(300, seed=2, features=config.table(), domain=domain)
    for split, rows in (("train", train), ("validation", validation)):
        path = folder / f"Split-{split}" / "examples-00000.tfrecord.gz"
        path.parent.mkdir(parents=True)
        write_examples(to_examples(rows), str(path))
    analyse(train, config, folder)
    return validation
