import pyarrow as pa
import pytest
from tensorflow_transform.output_wrapper import TFTransformOutput

from tests.labelled_rows import random_labelled
from tests.transforms.analysis import analyse
from transforms.config import FeaturesConfig
from transforms.feature import Feature

TASTE = Feature(name="taste", group="user", kind="vector", column="users.taste", per="request", length=3)
MOOD = Feature(name="mood", group="content", kind="category", column="shows.mood", per="candidate")


@pytest.fixture(scope="session")
def config() -> FeaturesConfig:
    """The table with two more features, which only the config names."""
    return FeaturesConfig(extra=(TASTE, MOOD), vocabulary_min_count=20, buckets={"show_id": 50})


@pytest.fixture(scope="session")
def labelled(config: FeaturesConfig) -> pa.Table:
    return random_labelled(300, seed=1, features=config.table())


@pytest.fixture(scope="session")
def graph(labelled: pa.Table, config: FeaturesConfig, tmp_path_factory: pytest.TempPathFactory) -> TFTransformOutput:
    return analyse(labelled, config, tmp_path_factory.mktemp("analysed"))
