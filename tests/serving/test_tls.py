"""TLS between the embedded server and the client, with a certificate made on the spot."""

import shutil
import subprocess
from pathlib import Path

import pytest

from serving.client import Client
from serving.config import ServingConfig
from serving.errors import ServingError, UnreachableError
from serving.server import Server
from serving.tls import channel_credentials, server_credentials
from tests.serving.conftest import Publish

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="there is no openssl to make a certificate")


def _certificate(folder: Path) -> dict[str, str]:
    """`tls_certificate` and `tls_key`, self-signed, for 127.0.0.1."""
    folder.mkdir()
    files = {"tls_certificate": str(folder / "server.pem"), "tls_key": str(folder / "server.key")}
    made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    made += ["-subj", "/CN=models", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2"]
    made += ["-out", files["tls_certificate"], "-keyout", files["tls_key"]]
    subprocess.run(made, check=True, capture_output=True)
    return files


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return _certificate(tmp_path_factory.mktemp("tls") / "ours")


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return _certificate(tmp_path_factory.mktemp("tls") / "other")


def test_a_client_that_trusts_the_certificate_is_served_and_no_other(
    config: ServingConfig, model_dir: Path, publish: Publish, ours: dict[str, str], other: dict[str, str]
) -> None:
    publish(1)
    with Server(config.model_copy(update=ours), model_dir) as server:
        trusting = server.config.model_copy(update={"tls_ca": ours["tls_certificate"]})
        with Client(trusting) as client:
            assert client.healthy()
            assert client.score_candidates({"product": "free"}, {"show_id": [None]})["ad_stream"].tolist() == [1.0]
        hasty = server.config.model_copy(update={"timeout_seconds": 0.5})
        with pytest.raises(UnreachableError, match=r"within 0\.5 s; start one with"):
            Client(hasty)
        with pytest.raises(
            UnreachableError, match=r"with a certificate that serving\.tls_ca .*other/server\.pem confirms"
        ):
            Client(hasty.model_copy(update={"tls_ca": other["tls_certificate"]}))


def test_a_certificate_needs_its_key() -> None:
    for alone in ({"tls_certificate": "server.pem"}, {"tls_key": "server.key"}):
        with pytest.raises(ValueError, match="tls_certificate and tls_key go together: give both or none"):
            ServingConfig.model_validate(alone)


def test_without_files_there_is_no_tls() -> None:
    assert server_credentials(ServingConfig()) is None
    assert channel_credentials(ServingConfig()) is None


def test_files_that_do_not_work_are_named(tmp_path: Path, ours: dict[str, str], other: dict[str, str]) -> None:
    garbage = tmp_path / "garbage.pem"
    garbage.write_text("no PEM")
    missing = str(tmp_path / "missing.pem")
    for files, words in (
        (ours | {"tls_key": missing}, r"serving\.tls_key .*missing\.pem cannot be read: No such file or directory\."),
        (ours | {"tls_certificate": str(tmp_path)}, r"serving\.tls_certificate .* cannot be read: Is a directory\."),
        (ours | {"tls_certificate": str(garbage)}, r"garbage\.pem and .* must be a certificate and its own key"),
        (ours | {"tls_key": other["tls_key"]}, r"must be a certificate and its own key, .*: .*MISMATCH"),
        (ours | {"tls_key": _encrypted(ours, tmp_path)}, r"both in PEM, the key without a password: "),
    ):
        with pytest.raises(ServingError, match=words):
            server_credentials(ServingConfig.model_validate(files))
    for ca, words in ((missing, "cannot be read: No such file"), (str(garbage), "holds no certificate in PEM")):
        with pytest.raises(ServingError, match=rf"serving\.tls_ca {ca} {words}"):
            Client(ServingConfig(tls_ca=ca))


def _encrypted(files: dict[str, str], folder: Path) -> str:
    key = str(folder / "encrypted.key")
    made = ["openssl", "pkcs8", "-topk8", "-in", files["tls_key"], "-out", key, "-passout", "pass:secret"]
    subprocess.run(made, check=True, capture_output=True)
    return key
