import subprocess
import sys


def test_help_and_config_errors_import_no_tensorflow():
    code = (
        "import sys, pipeline.cli, pipeline.config\n"
        "heavy = {'tensorflow', 'tfx', 'apache_beam', 'keras', 'ml_metadata', 'polars'} & set(sys.modules)\n"
        "sys.exit(str(heavy) if heavy else 0)"
    )
    finished = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stderr


def test_a_users_error_is_one_sentence_without_a_traceback():
    finished = subprocess.run(
        [sys.executable, "-c", "from pipeline.cli import main; main()", "run", "--set", "trainer.epoch=1"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 1
    assert finished.stderr.startswith("Error: configs/default.yaml: trainer.epoch: unknown key, did you mean epochs?")
    assert "Traceback" not in finished.stderr
