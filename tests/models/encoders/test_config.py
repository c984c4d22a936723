import numpy as np
import pytest
from pydantic import TypeAdapter, ValidationError

from models.encoders.config import DenseConfig, EncoderConfig, MmoeConfig, PleConfig, TabmConfig

ENCODER: TypeAdapter = TypeAdapter(EncoderConfig)


def test_a_kind_alone_has_its_default_sizes_and_sizes_alone_are_of_the_dense_encoder() -> None:
    assert ENCODER.validate_python("mmoe") == MmoeConfig()
    assert ENCODER.validate_python({"units": [8]}) == DenseConfig(units=(8,))
    assert ENCODER.validate_python({"kind": "mmoe", "experts": 2}) == MmoeConfig(experts=2)


def test_an_unknown_kind_names_the_valid_ones() -> None:
    with pytest.raises(ValidationError, match="unknown kind 'moe'; valid kinds are dense, mmoe, ple, tabm"):
        ENCODER.validate_python("moe")


def test_a_key_of_another_kind_is_refused() -> None:
    with pytest.raises(ValidationError, match=r"dense\.experts"):
        ENCODER.validate_python({"kind": "dense", "experts": 2})


def test_a_config_of_an_ensemble_builds_its_layer() -> None:
    layer = TabmConfig(members=3, units=(8, 4), dropout=0.1).layer(("click", "stream"))
    assert {"members": 3, "units": [8, 4], "dropout": 0.1}.items() <= layer.get_config().items()
    assert layer.members == 3
    assert {head: z.shape for head, z in layer(np.ones((3, 5), np.float32)).items()} == dict.fromkeys(
        ("click", "stream"), (3, 3, 4)
    )


@pytest.mark.parametrize(
    "config",
    [
        DenseConfig(units=(8, 4), dropout=0.1),
        MmoeConfig(experts=2, units=(8, 4), batch_norm_momentum=0.5, output_activation="swish"),
        PleConfig(shared_experts=2, task_experts=3, units=(8, 4), dropout=0.0, output_activation="swish"),
    ],
)
def test_a_config_builds_its_layer_with_its_sizes(config: DenseConfig | MmoeConfig | PleConfig) -> None:
    layer = config.layer(("click", "stream"))
    assert layer.name == "encoder"
    sizes = {**config.model_dump(exclude={"kind"}), "units": [8, 4], "heads": ["click", "stream"]}
    assert sizes.items() <= layer.get_config().items()
    assert {head: z.shape for head, z in layer(np.ones((3, 5), np.float32)).items()} == dict.fromkeys(
        ("click", "stream"), (3, 4)
    )
