import logging
import os
import sys
import warnings
from pathlib import Path

import pytest

from pipeline.terminal import quiet, scratch
from transforms.errors import UserError


def test_messages_of_libraries_go_to_the_file_and_the_screen_comes_back(tmp_path: Path, capfd: pytest.CaptureFixture):
    before = sys.stderr
    with warnings.catch_warnings(), quiet.into(tmp_path / "a" / "log"):
        warnings.simplefilter("always")
        logging.getLogger("apache_beam").warning("from logging")
        os.write(2, b"from C++\n")
        warnings.warn_explicit("from a library", UserWarning, "site-packages/x.py", 1)
        print("ours")
    assert sys.stderr is before
    print("after", file=sys.stderr)
    log = (tmp_path / "a" / "log").read_text()
    assert "from logging" in log
    assert "from C++" in log
    assert "from a library" in log
    shown = capfd.readouterr()
    assert shown.out == "ours\n"
    assert shown.err == "after\n"


def test_warnings_of_our_code_stay_on_the_screen(tmp_path: Path):
    with pytest.warns(UserWarning) as shown, quiet.into(tmp_path / "log"):
        warnings.warn_explicit("ours", UserWarning, quiet.__file__, 1)
        warnings.warn_explicit("from a library", UserWarning, pytest.__file__, 1)
    assert [str(warning.message) for warning in shown] == ["ours"]
    assert "from a library" in (tmp_path / "log").read_text()
    assert "ours" not in (tmp_path / "log").read_text()


class MyError(UserError):
    pass


def test_the_traceback_of_a_bug_is_in_the_file_and_a_users_error_is_not(tmp_path: Path):
    for error in (FileNotFoundError(2, "No such file", "work/x"), MyError("shown on the screen")):
        with pytest.raises(type(error)), quiet.into(tmp_path / "log"):
            raise error
    log = (tmp_path / "log").read_text()
    assert log.startswith("Traceback")
    assert "FileNotFoundError: [Errno 2] No such file: 'work/x'" in log
    assert "shown on the screen" not in log


def test_a_command_that_only_reads_needs_no_folder_to_write_in(tmp_path: Path):
    assert quiet.writable(tmp_path / "messages" / "serve.log") == tmp_path / "messages" / "serve.log"
    (tmp_path / "file").touch()
    elsewhere = quiet.writable(tmp_path / "file" / "messages" / "serve.log")
    assert elsewhere.parent == Path(scratch.system_folder())
    assert elsewhere.name == f"coldcast-{os.getuid()}-serve.log"
    assert quiet.writable(tmp_path / "work" / "default" / "messages" / "serve.log") == elsewhere
    assert not (tmp_path / "work").exists(), "where nothing has run, reading leaves nothing behind"
