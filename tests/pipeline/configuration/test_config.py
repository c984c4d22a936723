import os
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.configuration.config import Config
from pipeline.configuration.file import load_config
from pipeline.errors import ConfigError
from transforms.domain import Label

FOLDER = Path(__file__).resolve().parents[3] / "configs"
SHIPPED = sorted(FOLDER.rglob("*.yaml"))


@pytest.fixture
def write(tmp_path: Path):
    def write(text: str) -> Path:
        path = tmp_path / "c.yaml"
        path.write_text(text)
        return path

    return write


EXTRA = "features: {extra: [{name: a, group: user, kind: numeric, column: COLUMN, per: request}]}"


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_every_shipped_config_is_valid(path: Path):
    assert load_config(path).name == path.stem


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_a_copy_of_a_shipped_config_under_another_name_has_places_of_its_own(write, path: Path):
    copied = load_config(write(path.read_text().replace(f"name: {path.stem}\n", "name: mine\n")))
    assert (copied.name, copied.root, copied.logs) == ("mine", "work/mine", "work/mine/logs")


def test_overrides_are_yaml_or_json_and_make_sections_that_are_absent(write):
    config = load_config(
        write("name: a\n"),
        ["trainer.learning_rate=0.002", "features.groups=[user, content]", 'labels.stream={"window_hours": 48}'],
    )
    assert config.trainer.learning_rate == 0.002
    assert config.features.groups == ("user", "content")
    assert config.labels["stream"] == Label(kind="stream", window_hours=48)
    assert config.labels["click"] == Label(kind="click")


@pytest.mark.parametrize(
    ("text", "overrides", "message"),
    [
        ("nam: a", [], "nam: unknown key, did you mean name? Valid keys are name, seed"),
        ("trainer: {learning_rte: 1}", [], "trainer.learning_rte: unknown key, did you mean learning_rate?"),
        ("recipes: {mine: {trained_on: [ad], heads: [like], hands: 1}}", [], "did you mean heads?"),
        (
            "recipes: {mine: {trained_on: [ad], heads: [share]}}",
            [],
            "recipes.mine.heads: unknown task 'share'; valid tasks are promotion_stream",
        ),
        ("recipe: jiont", [], "recipe: unknown recipe 'jiont'; valid recipes are promotions_only"),
        ("trainer: {batch_size: many}", [], "trainer.batch_size"),
        ("features: {groups: [usr]}", [], "'user', 'content', 'context' or 'creative'"),
        ("beam: {args: [--direct_running_mode=multi_threading]}", [], "loses rows"),
        ("beam: {args: [--direct_running_mod=multi_threading]}", [], "loses rows"),
        ("beam: {args: [--direct_running_mode, multi_threading]}", [], "loses rows"),
        ("name: [", [], "not valid YAML"),
        ("- a", [], "must hold keys with values"),
        ("name: a", ["trainer"], "write KEY=VALUE"),
        ("name: a", ["name.b=1"], "name is a value and has no keys below it"),
        ("trainer: {loss_weights: {promotion_stream: 0}}", [], "the branch promotions_only learns no streams"),
        *(
            (
                f"tasks: {{{name}: {{label: click, trained_on: [ad], read_on: [ad]}}}}",
                [],
                f"tasks.{name}: an evaluation has a model of this name; choose another name for the task",
            )
            for name in ("candidate", "baseline")
        ),
        (
            "trainer: {loss_weights: {share: 1}}",
            [],
            "trainer.loss_weights: unknown task 'share'; valid tasks are",
        ),
        (
            "model: {id_dropout: 0.1, id_dropout_features: [show_id, shows]}",
            [],
            "model.id_dropout_features: 'shows' is unknown or has no ids; valid features are user_language",
        ),
        (
            "branches: [{recipe: joint, model: {id_dropout: 0.1, id_dropout_features: [session_position]}}]",
            [],
            "branches.joint.model.id_dropout_features: 'session_position' is unknown or has no ids",
        ),
        (
            "features: {extra: [{name: a, group: user, kind: numeric, column: shows.a, per: request}]}",
            [],
            "shows.a differs by candidate; write per: candidate",
        ),
        ("logs: ''", [], "logs: String should have at least 1 character"),
        ("name: a", ["seed=-1"], "seed: Input should be greater than or equal to 0 (given: -1)"),
        ("name: a", ["seed=4294967296"], "seed: Input should be less than 4294967296"),
        ("root: s3://bucket/root", [], "root: name a folder of this machine"),
        ("logs: 2024-02-30", [], "not valid YAML: day is out of range for month"),
        ("name: a", ["name=2024-13-45"], "the value is not valid YAML or JSON"),
        ("seed: 1\nname: a\nseed: 2", [], "key 'seed' occurs twice"),
        ("? [a, b]\n: 1", [], "not valid YAML: a key must be a plain word in line 1, column 3"),
        ("[]", [], "must hold keys with values, not a list"),
        ("root: r[1]", [], "root: a folder with [ in its name is read as a pattern of several; name one without"),
        ("pusher: {directory: /mnt/m*}", [], "pusher.directory: a folder with * in its name is read as a pattern"),
        ("serving: {model_name: ..}", [], "serving.model_name: String should match pattern"),
        ("name: a", ["trainer.epoch=1"], "c.yaml with --set: trainer.epoch: unknown key"),
        (
            "validation: {drift: {features: {nope: 0.1}}}",
            [],
            "c.yaml: validation.drift.features.nope: there is no such",
        ),
        (
            "validation: {train_test: {features: {device_: 1}}}",
            [],
            "features.device_: there is no such feature, did you",
        ),
        (
            EXTRA.replace("COLUMN", "derived.mood"),
            [],
            "features.extra: feature a: no derived column 'mood'; valid ones",
        ),
        (EXTRA.replace("COLUMN", "users.market"), [], "features.extra: feature a: users.market is"),
        ("features: {groups: user}", [], 'features.groups: write a list, such as [user] (given: "user")'),
        ("features: {groups: {user: 1}}", [], "features.groups: write a list, such as [a, b]"),
        ("features: {extra: [mood]}", [], 'features.extra.0: write a mapping, such as {key: value} (given: "mood")'),
        ("recipes: [mine]", [], "recipes: write a mapping, such as {key: value}"),
        ("name: a", ["trainer.epochs.x=1"], "trainer.epochs is a value and has no keys below it"),
        ("trainer: {epochs: 1}", ["trainer.epochs.x=1"], ": trainer.epochs is a value and has no keys below it"),
        ("name: a\nlogs: [b\nroot: c\n", [], "not valid YAML: while parsing a flow sequence, expected ',' or ']', but"),
        ("name: [", [], " in line 1, column 8"),
        ("name: \x07", [], "not valid YAML: special characters are not allowed at character 7"),
        ("recipes: {a/b: {trained_on: [ad], heads: [ad_stream]}}", [], "recipes.a/b"),
    ],
)
def test_an_error_is_one_sentence_with_the_key_and_the_valid_values(
    write, text: str, overrides: list[str], message: str
):
    with pytest.raises(ConfigError) as error:
        load_config(write(text), overrides)
    assert message in str(error.value)
    assert "\n" not in str(error.value)
    assert "<unicode string>" not in str(error.value)


def test_a_config_is_utf_8_whatever_the_locale(tmp_path):
    (tmp_path / "c.yaml").write_text("# für\nlogs: früh\n", encoding="utf-8")
    path = str(tmp_path / "c.yaml")
    code = f"from pipeline.configuration.file import load_config; print(ascii(load_config({path!r}).logs))"
    latin = os.environ | {"PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "LC_ALL": "C"}
    command = [sys.executable, "-c", code]
    assert subprocess.run(command, env=latin, capture_output=True, text=True, check=True).stdout == "'fr\\xfch'\n"


def test_a_threshold_of_a_feature_that_is_left_out_is_no_mistake(write):
    text = "{features: {without: [device]}, validation: {drift: {features: {device: 0.5}}}}"
    assert load_config(write(text)).validation.drift.features == {"device": 0.5}


def test_configs_of_different_names_share_no_places(write):
    named = load_config(write("name: a\n"))
    assert (named.root, named.logs) == ("work/a", "work/a/logs")
    rooted = load_config(write("name: a\nroot: there\n"))
    assert (rooted.root, rooted.logs) == ("there", "there/logs")
    assert (Config().root, Config().logs) == ("work/default", "work/default/logs")
    assert Config(logs="mine").root == "work/default"


def test_without_a_file_all_values_are_the_defaults_but_those_set():
    assert load_config(None) == Config()
    assert load_config(None, ["seed=1"]) == Config(seed=1)
    with pytest.raises(ConfigError, match=r"^seed: Input should be a valid integer"):
        load_config(None, ["seed=a"])


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path):
    (tmp_path / "c.yaml").write_bytes(b"name: \xff")
    with pytest.raises(
        ConfigError, match=r"^cannot read the config .*c.yaml: it is not text in UTF-8; name a YAML file"
    ):
        load_config(tmp_path / "c.yaml")


def test_a_tilde_is_the_home_folder(write, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HOME", "/home/me")
    config = load_config(write("root: ~/root\npusher: {directory: ~/models}\n"))
    assert (config.root, config.logs, config.models) == ("/home/me/root", "/home/me/root/logs", "/home/me/models")
    assert load_config(None, ["logs=~/logs"]).logs == "/home/me/logs"
    assert load_config(None, ["logs=s3://bucket/~/logs"]).logs == "s3://bucket/~/logs"
    override = 'branches=[{"recipe": "joint", "start_from": "~/1"}]'
    assert load_config(None, [override]).branches[0].start_from == "/home/me/1"
    files = {"tls_certificate": "~/a.pem", "tls_key": "~/a.key", "tls_ca": "~/ca.pem"}
    serving = load_config(None, [f"serving.{key}={file}" for key, file in files.items()]).serving
    assert (serving.tls_certificate, serving.tls_key) == ("/home/me/a.pem", "/home/me/a.key")
    assert serving.tls_ca == "/home/me/ca.pem"


def test_the_seed_of_training_is_not_the_seed_of_the_world():
    tiny = load_config(FOLDER / "tiny.yaml", ["seed=8"])
    assert tiny.simulation is not None
    assert (tiny.seed, tiny.simulation.seed) == (8, 7)
