"""The config section `serving`. The same values configure the embedded server and its client."""

import os
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from files.paths import HomePath

_DAY_SECONDS = 86_400
_Seconds = Annotated[float, Field(le=_DAY_SECONDS)]


class ServingConfig(BaseModel):
    """The embedded server and its client."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    model_name: str = Field(
        default="coldcast",
        pattern=r"^[A-Za-z0-9_.-]*[A-Za-z0-9_-][A-Za-z0-9_.-]*$",
        description="Name of the model in requests (model_spec.name).",
    )
    host: str = Field(
        default="127.0.0.1", min_length=1, description="Address to listen on. Default: this machine only."
    )
    port: int = Field(default=8500, ge=0, le=65535, description="gRPC port. 0: any free port.")

    poll_seconds: _Seconds = Field(default=1.0, gt=0, description="How often the server looks for new versions.")
    settle_seconds: _Seconds = Field(
        default=1.0, ge=0, description="The server loads a version once its files have been unchanged for this long."
    )
    retry_seconds: _Seconds = Field(
        default=60.0,
        gt=0,
        description="After a failed load, how long until the server tries an unchanged version again.",
    )
    start_seconds: _Seconds = Field(
        default=120.0, gt=0, description="How long a start waits for the first version to be available."
    )
    stop_seconds: _Seconds = Field(
        default=5.0, ge=0, description="On a stop, how long requests that have arrived may still take."
    )

    threads: int = Field(
        default=0, ge=0, description="Requests that are answered at the same time. 0: one for each core, at most 8."
    )
    intra_op_threads: int = Field(
        default=0, ge=0, description="Threads within one TensorFlow op. 0: one for each core."
    )
    inter_op_threads: int = Field(default=1, ge=0, description="TensorFlow ops at the same time. 0: one for each core.")

    max_waiting: int = Field(
        default=256, ge=0, description="Requests that may wait for a thread. The server refuses more."
    )
    max_message_mib: int = Field(default=16, gt=0, le=2047, description="MiB of a request. The server refuses more.")
    max_rows: int = Field(
        default=10_000, gt=0, description="Candidates or examples of a request. The server refuses more."
    )
    max_elements: int = Field(
        default=1_000_000,
        gt=0,
        description="Values of a request, all its inputs together. The server refuses more.",
    )

    timeout_seconds: _Seconds = Field(
        default=5.0, gt=0, description="The client's deadline for connecting and for each call."
    )

    tls_certificate: HomePath | None = Field(
        default=None,
        description="PEM file with the server's certificate and those up to its authority. null: no TLS.",
    )
    tls_key: HomePath | None = Field(
        default=None, description="PEM file with the certificate's key, without a password."
    )
    tls_ca: HomePath | None = Field(
        default=None, description="PEM file with the authorities that the client trusts. null: no TLS."
    )

    @model_validator(mode="after")
    def _both_or_none(self) -> "ServingConfig":
        if (self.tls_certificate is None) != (self.tls_key is None):
            raise ValueError("tls_certificate and tls_key go together: give both or none")
        return self

    @field_validator("host")
    @classmethod
    def _no_url(cls, host: str) -> str:
        if "/" in host:
            bare = host.split("://")[-1].split("/")[0]
            raise ValueError(f"{host!r} is a URL; give the host alone, {bare!r}, and the port as serving.port")
        return host

    @property
    def threads_to_start(self) -> int:
        """`threads`, worked out. More threads than cores only wait for each other and for Python's interpreter lock."""
        return self.threads or min(len(os.sched_getaffinity(0)), 8)

    @property
    def address(self) -> str:
        """`host:port` as gRPC takes it, with an IPv6 host in brackets."""
        bare = ":" in self.host and not self.host.startswith("[")
        return f"[{self.host}]:{self.port}" if bare else f"{self.host}:{self.port}"
