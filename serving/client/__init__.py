"""A client of TensorFlow Serving's gRPC API, and the file form of its requests. Nothing here imports TensorFlow."""

from serving.client.client import Client

__all__ = ["Client"]
