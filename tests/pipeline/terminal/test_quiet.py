import logging
import os
import sys
import warnings
from pathlib import Path

import pytest

from models.errors import TrainingError
from pipeline.terminal import quiet, scratch


def test_what_libraries_say_goes_to_the_file_and_the_screen_comes_back(tmp_path: Path, capfd: pytest.CaptureFixture):
    before = sys.stderr
    with quiet.into(tmp_path / "a" / "log"):
        logging.getLogger("apache_beam").warning("from logging")
        os.write(2, b"from C++\n")
        warnings.warn_explicit("from a library", UserWarning, "site-packages/x.py", 1)
        print("ours")
    assert sys.stderr is before
    print("after", file=sys.stderr)
    said = (tmp_path / "a" / "log").read_text()
    assert "from logging" in said
    assert "from C++" in said
    shown = capfd.readouterr()
    assert shown.out == "ours\n"
    assert shown.err == "after\n"


def test_the_traceback_of_an_error_that_is_not_ours_is_in_the_file(tmp_path: Path):
    for error in (FileNotFoundError(2, "No such file", "work/x"), TrainingError("told on the screen")):
        with pytest.raises(type(error)), quiet.into(tmp_path / "log"):
            raise error
    said = (tmp_path / "log").read_text()
    assert said.startswith("Traceback")
    assert "FileNotFoundError: [Errno 2] No such file: 'work/x'" in said
    assert "told on the screen" not in said


def test_a_command_that_only_reads_needs_no_folder_to_write_in(tmp_path: Path):
    assert quiet.writable(tmp_path / "messages" / "serve.log") == tmp_path / "messages" / "serve.log"
    (tmp_path / "file").touch()
    elsewhere = quiet.writable(tmp_path / "file" / "messages" / "serve.log")
    assert elsewhere.parent == Path(scratch.system_folder())
    assert elsewhere.name == f"coldcast-{os.getuid()}-serve.log"
    assert quiet.writable(tmp_path / "work" / "default" / "messages" / "serve.log") == elsewhere
    assert not (tmp_path / "work").exists(), "where nothing has run, reading leaves nothing behind"


def test_our_errors_are_messages_and_others_are_bugs():
    assert quiet.is_ours(TrainingError("x"))
    assert not quiet.is_ours(ValueError("x"))
