"""A hashed id that the start model has not met counts as missing, even if its bucket is that of a known one."""

import gc
from pathlib import Path

import tensorflow as tf

from transforms.features import FEATURES
from transforms.known_ids import KnownIds

TABLE = {feature.name: feature for feature in FEATURES}
SHOW, RECENT = TABLE["show_id"], TABLE["user_recent_shows"]


def test_an_unknown_id_becomes_missing_and_a_known_one_stays() -> None:
    known = KnownIds({"show_id": ("a", "b")})
    hidden = known.hide_others((SHOW,), {"show_id": tf.constant(["a", "new", "", "b"])})
    assert hidden["show_id"].numpy().tolist() == [b"a", b"", b"", b"b"]


def test_lists_share_the_ids_of_the_feature_whose_embeddings_they_share() -> None:
    known = KnownIds({"show_id": ("a", "b")})
    lists = tf.ragged.constant([["a", "new"], [], ["b"]])
    hidden = known.hide_others((SHOW, RECENT), {"show_id": tf.constant(["a"]), "user_recent_shows": lists})
    assert hidden["user_recent_shows"].to_list() == [[b"a", b""], [], [b"b"]]


def test_ids_of_one_feature_are_not_known_of_another() -> None:
    known = KnownIds({"show_id": ("a",), "episode_id": ()})
    hidden = known.hide_others(
        (SHOW, TABLE["episode_id"]), {"show_id": tf.constant(["a"]), "episode_id": tf.constant(["a"])}
    )
    assert hidden["episode_id"].numpy().tolist() == [b""]


def test_ids_that_are_not_utf_8_are_known_too() -> None:
    known = KnownIds({"show_id": (b"\xff".decode("utf-8", "surrogateescape"),)})
    assert known.hide_others((SHOW,), {"show_id": tf.constant([b"\xff"])})["show_id"].numpy().tolist() == [b"\xff"]


def test_ids_may_hold_line_ends_and_separators() -> None:
    ids = ["a\nb", "a", "\r", "show_id\x1fa", " a"]
    known = KnownIds({"show_id": tuple(ids[:1] + ids[2:])})
    hidden = known.hide_others((SHOW,), {"show_id": tf.constant(ids)})
    assert hidden["show_id"].numpy().tolist() == [b"a\nb", b"", b"\r", b"show_id\x1fa", b" a"]


def save(path: Path, shows: tuple[str, ...]) -> None:
    """Saves a model that hides all shows but these; the file with the ids goes when this function ends."""
    known = KnownIds({"show_id": shows})
    module = tf.Module()
    module.table = known.table

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string)])
    def hide(shows: tf.Tensor) -> tf.Tensor:
        return known.hide_others((SHOW,), {"show_id": shows})["show_id"]

    module.hide = hide
    tf.saved_model.save(module, str(path))


def test_the_ids_are_an_asset_and_no_part_of_the_graph(tmp_path: Path) -> None:
    shows = tuple(f"show-{number:040}" for number in range(1000))
    save(tmp_path / "model", shows)
    gc.collect()
    assert (tmp_path / "model/saved_model.pb").stat().st_size < 40_000
    loaded = tf.saved_model.load(str(tmp_path / "model"))
    assert loaded.hide(tf.constant([shows[7], "new"])).numpy().tolist() == [shows[7].encode(), b""]
