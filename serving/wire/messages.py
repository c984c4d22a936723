"""The messages of TensorFlow Serving's API for a client that does not import TensorFlow.

`tensorflow_serving.apis` imports `tensorflow.core...`, and with it all of TensorFlow (5 s). The descriptors of the
messages are plain bytes in the installed generated modules. This module reads them from there, without running those
modules, into a descriptor pool of its own, so that a process may import TensorFlow too.
"""

import ast
import functools
import importlib.util
from importlib import import_module
from pathlib import Path
from typing import Any

from google.protobuf import descriptor_pool, message_factory

_MODULES = tuple(
    f"tensorflow_serving.apis.{name}_pb2" for name in ("predict", "get_model_status", "get_model_metadata")
)
_PACKAGE = "tensorflow.serving"


@functools.cache
def message(name: str) -> Any:
    """The message class `tensorflow.serving.<name>`, or `<name>` if the name contains a package.

    Raises:
        KeyError: no message of this name in the Predict, GetModelStatus and GetModelMetadata files.
    """
    descriptor = _pool().FindMessageTypeByName(name if "." in name else f"{_PACKAGE}.{name}")
    if hasattr(message_factory, "GetMessageClass"):
        return message_factory.GetMessageClass(descriptor)
    return _factory().GetPrototype(descriptor)


@functools.cache
def _factory() -> Any:
    return message_factory.MessageFactory(_pool())


@functools.cache
def _pool() -> descriptor_pool.DescriptorPool:
    pool = descriptor_pool.DescriptorPool()
    added: set[str] = set()
    for module in _MODULES:
        _add(module, pool, added)
    return pool


def _add(module: str, pool: descriptor_pool.DescriptorPool, added: set[str]) -> None:
    """Adds the proto file of the generated `module` to the pool, after the files that it imports."""
    if module in added:
        return
    added.add(module)
    if module.startswith("google.protobuf."):
        pool.AddSerializedFile(import_module(module).DESCRIPTOR.serialized_pb)
        return
    serialized = None
    for node in ast.walk(ast.parse(_source(module))):
        if isinstance(node, ast.ImportFrom) and node.module:
            for imported in node.names:
                if imported.name.endswith("_pb2"):
                    _add(f"{node.module}.{imported.name}", pool, added)
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", None) == "AddSerializedFile":
            serialized = ast.literal_eval(node.args[0])
    if serialized is None:
        raise ModuleNotFoundError(f"{module} holds no serialized descriptor")
    pool.AddSerializedFile(serialized)


def _source(module: str) -> str:
    root, *rest = module.split(".")
    package = importlib.util.find_spec(root)  # of a top-level package: does not import it
    if package is None or not package.submodule_search_locations:
        raise ModuleNotFoundError(f"no package {root!r}, which holds the messages of {module}")
    return Path(package.submodule_search_locations[0], *rest).with_suffix(".py").read_text(encoding="utf-8")
