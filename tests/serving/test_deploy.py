"""The files that run TensorFlow Serving name the model as the rest of the project does, and an image new enough."""

import re
import sys
from pathlib import Path

import pytest
import yaml
from google.protobuf import text_format
from tensorflow_serving.config import model_server_config_pb2

import serving
from serving.config import ServingConfig

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

DEPLOY = Path(serving.__path__[0]) / "deploy"
ROOT = DEPLOY.parents[1]
FLAGS = {
    "--model_config_file=/config/models.config",
    "--file_system_poll_wait_seconds=1",
    "--enable_grpc_healthcheck_service=true",
}


def _config_of_kubernetes() -> str:
    documents = list(yaml.safe_load_all((DEPLOY / "kubernetes.yaml").read_text()))
    return next(document for document in documents if document["kind"] == "ConfigMap")["data"]["models.config"]


@pytest.mark.parametrize("text", [(DEPLOY / "models.config").read_text(), _config_of_kubernetes()])
def test_the_model_configuration_serves_the_newest_version_of_our_model(text: str) -> None:
    parsed = text_format.Parse(text, model_server_config_pb2.ModelServerConfig())
    (model,) = parsed.model_config_list.config
    assert (model.name, model.model_platform) == (ServingConfig().model_name, "tensorflow")
    assert model.base_path == f"/models/{model.name}"
    assert model.model_version_policy.latest.num_versions == 1


def test_compose_and_kubernetes_start_it_alike() -> None:
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]["serving"]
    documents = {
        document["kind"]: document for document in yaml.safe_load_all((DEPLOY / "kubernetes.yaml").read_text())
    }
    (container,) = documents["Deployment"]["spec"]["template"]["spec"]["containers"]
    assert set(compose["command"]) == set(container["args"]) == FLAGS  # no batching: see compose.yaml
    assert compose["image"] == container["image"]
    assert compose["ports"] == [f"127.0.0.1:{ServingConfig().port}:8500"]
    assert documents["Service"]["spec"]["ports"][0]["port"] == ServingConfig().port


def test_the_image_has_the_tensorflow_that_trains_or_a_later_one() -> None:
    """Of every Python in the lock: TensorFlow loads what an earlier minor version saved, not what a later one did."""
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]["serving"]
    name, tag = compose["image"].split(":")
    assert name == "tensorflow/serving"
    packages = tomllib.loads((ROOT / "uv.lock").read_text())["package"]
    trained = [package["version"] for package in packages if package["name"] == "tensorflow"]
    assert len(trained) == 2, "one for Python 3.10, one for newer ones"
    assert _minor(tag) >= max(_minor(version) for version in trained)


def _minor(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".")[:2])


@pytest.mark.parametrize("file", ["serving/deploy/compose.yaml", "docs/serving.md"])
def test_the_folder_of_models_is_given_as_an_absolute_path(file: str) -> None:
    """Compose takes a relative path for the name of a volume, and the default root is relative."""
    (given,) = re.findall(r"MODELS=(.+) docker", (ROOT / file).read_text())
    assert given == "<absolute path of root>/models"
