"""A client of TensorFlow Serving's gRPC API, and the file form of its requests. Nothing here imports TensorFlow."""

from serving.client.client import Client
from serving.client.request_file import Request, RequestFileError, load_request, save_request

__all__ = ["Client", "Request", "RequestFileError", "load_request", "save_request"]
