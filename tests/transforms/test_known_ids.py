"""A hashed id that the start model has not met counts as missing, even if its bucket is that of a known one."""

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
