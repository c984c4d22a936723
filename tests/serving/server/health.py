"""The health of a server, as a client asks for it."""

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

HEALTHY = health_pb2.HealthCheckResponse.SERVING


def is_healthy(channel: grpc.Channel) -> bool:
    return health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(), timeout=30).status == HEALTHY
