"""The client's connection to a server."""

import grpc

from serving.config import ServingConfig
from serving.errors import UnreachableError
from serving.tls import channel_credentials

_OPTIONS = (
    ("grpc.max_receive_message_length", -1),
    ("grpc.max_send_message_length", -1),
    ("grpc.enable_http_proxy", 0),  # a model server is not behind the proxy for the web
    # By default, a client can take two minutes to find a server that comes back.
    ("grpc.max_reconnect_backoff_ms", 1000),
)


def connect(config: ServingConfig) -> grpc.Channel:
    """Connects to the server at `serving.host` and `serving.port`, and waits until it answers.

    Raises:
        UnreachableError: no server answers within `timeout_seconds`.
        ServingError: `tls_ca` of the config cannot be read or holds no certificate.
    """
    credentials = channel_credentials(config)
    channel = (
        grpc.insecure_channel(config.address, options=list(_OPTIONS))
        if credentials is None
        else grpc.secure_channel(config.address, credentials, options=list(_OPTIONS))
    )
    try:
        grpc.channel_ready_future(channel).result(config.timeout_seconds)
    except grpc.FutureTimeoutError as error:
        channel.close()
        trusted = f" with a certificate that serving.tls_ca {config.tls_ca} confirms" if config.tls_ca else ""
        raise UnreachableError(
            f"No server{trusted} answers at {config.address} within {config.timeout_seconds:g} s; "
            "start one with `coldcast serve`, or set serving.host and serving.port to its address."
        ) from error
    return channel
