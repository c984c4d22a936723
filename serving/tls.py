"""gRPC's credentials for TLS, from the PEM files that the config names; a bad file is an error of one sentence."""

import ssl
from pathlib import Path

import grpc

from serving.config import ServingConfig
from serving.errors import ServingError


def server_credentials(config: ServingConfig) -> grpc.ServerCredentials | None:
    """The server's certificate and key; None if the config names none.

    Raises:
        ServingError: a file that cannot be read, is not PEM, or needs a password; a key of another certificate.
    """
    certificate, key = config.tls_certificate, config.tls_key
    if certificate is None or key is None:
        return None
    chain = _content("tls_certificate", certificate)
    secret = _content("tls_key", key)
    try:  # gRPC itself would only say that it cannot listen
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key, password=lambda: "")
    except (ssl.SSLError, ValueError) as error:
        raise ServingError(
            f"serving.tls_certificate {certificate} and serving.tls_key {key} must be a certificate and its own key, "
            f"both in PEM, the key without a password: {error}."
        ) from error
    return grpc.ssl_server_credentials([(secret, chain)])


def channel_credentials(config: ServingConfig) -> grpc.ChannelCredentials | None:
    """The authorities that the client trusts; None if the config names none.

    Raises:
        ServingError: the file cannot be read or holds no certificate.
    """
    if config.tls_ca is None:
        return None
    authorities = _content("tls_ca", config.tls_ca)
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(config.tls_ca)
    except ssl.SSLError as error:
        raise ServingError(f"serving.tls_ca {config.tls_ca} holds no certificate in PEM: {error}.") from error
    return grpc.ssl_channel_credentials(authorities)


def _content(key: str, path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise ServingError(f"serving.{key} {path} cannot be read: {error.strerror}.") from error
