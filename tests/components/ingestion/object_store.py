"""A remote filesystem for tests: `objects://FOLDER/...` keeps files in the local /FOLDER, and knows no folders."""

import hashlib
from pathlib import Path

from apache_beam.io.filesystem import BeamIOError, FileMetadata, FileSystem


class ObjectStore(FileSystem):
    """Beam finds it by its scheme, as it finds S3 and GCS."""

    @classmethod
    def scheme(cls):
        return "objects"

    def join(self, basepath, *paths):
        return "/".join([basepath.rstrip("/"), *(path.strip("/") for path in paths)])

    def split(self, path):
        return tuple(path.rsplit("/", 1))

    def mkdirs(self, path):
        pass

    def has_dirs(self):
        return False

    def _list(self, dir_or_prefix):
        for path in sorted(_local(dir_or_prefix).rglob("*")):
            if path.is_file():
                yield self.metadata(f"objects:/{path}")

    def create(self, path, mime_type="", compression_type="auto"):
        _local(path).parent.mkdir(parents=True, exist_ok=True)
        return _local(path).open("wb")

    def open(self, path, mime_type="", compression_type="auto"):
        return _local(path).open("rb")

    def copy(self, source_file_names, destination_file_names):
        raise NotImplementedError

    def rename(self, source_file_names, destination_file_names):
        for source, destination in zip(source_file_names, destination_file_names, strict=True):
            if not self.exists(source):
                raise BeamIOError(f"no object {source}")
            _local(destination).parent.mkdir(parents=True, exist_ok=True)
            _local(source).rename(_local(destination))

    def exists(self, path):
        return _local(path).is_file()

    def size(self, path):
        return _local(path).stat().st_size

    def last_updated(self, path):
        return 0.0

    def checksum(self, path):
        return hashlib.md5(_local(path).read_bytes()).hexdigest()

    def metadata(self, path):
        return FileMetadata(path, self.size(path))

    def delete(self, paths):
        for path in paths:
            _local(path).unlink()


def _local(path):
    return Path(path.removeprefix("objects:/"))
