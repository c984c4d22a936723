"""Builds the C++ load check against the headers and libraries in the installed TensorFlow wheel."""

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

import tensorflow as tf

from serving.errors import ServingError

SOURCE = Path(__file__).with_name("loadcheck.cc")
BUILD_DIR = Path("build/loadcheck")


def build(build_dir: Path = BUILD_DIR) -> Path:
    """Compiles `loadcheck.cc`, or finds it compiled: the result is kept by a hash of source, flags and TensorFlow.

    Args:
        build_dir: where binaries are kept.

    Returns:
        The program's path.

    Raises:
        ServingError: there is no C++ compiler, or it fails.
    """
    compiler = os.environ.get("CXX", "g++")
    if shutil.which(compiler) is None:
        raise ServingError(f"The C++ load check needs a compiler and finds no {compiler!r}; install one or set CXX.")
    libraries = tf.sysconfig.get_lib()
    flags = [flag.replace("-I", "-isystem", 1) for flag in tf.sysconfig.get_compile_flags()]
    flags += ["-O1", f"-L{libraries}", f"-Wl,-rpath,{libraries}"]
    links = [f"-l:{name}" for name in _shared_libraries(Path(libraries))]
    key = hashlib.sha256(repr((SOURCE.read_bytes(), compiler, flags, links, tf.__version__)).encode()).hexdigest()[:16]
    program = build_dir / key / "loadcheck"
    if not program.exists():
        program.parent.mkdir(parents=True, exist_ok=True)
        partial = program.with_name(f"loadcheck.{os.getpid()}")
        done = subprocess.run(
            [compiler, *flags, str(SOURCE), "-o", str(partial), *links], capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise ServingError(f"The C++ load check does not compile: {done.stderr.strip()[-2000:]}")
        partial.replace(program)
    return program


def _shared_libraries(folder: Path) -> list[str]:
    names = [path.name for path in sorted(folder.glob("libtensorflow_*.so.*")) if path.name.count(".") == 2]
    wanted = [name for name in names if name.startswith(("libtensorflow_cc", "libtensorflow_framework"))]
    if len(wanted) < 2:
        raise ServingError(f"The TensorFlow in {folder} ships no libtensorflow_cc; install the wheel from PyPI.")
    return wanted
