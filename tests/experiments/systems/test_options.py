import pytest

from experiments.systems.errors import SystemsError
from experiments.systems.options import numbers, pairs, whole_numbers, words


def test_lists_are_read():
    assert words("--recipes", " joint, joint_ple,", "joint") == ["joint", "joint_ple"]
    assert words("--recipes", None, "joint") == []
    assert whole_numbers("--worlds", "7,8") == [7, 8]
    assert whole_numbers("--worlds", None) == []
    assert numbers("--ratios", "0.5,4") == [0.5, 4.0]
    assert pairs("0/0,0.8/0.6") == [(0.0, 0.0), (0.8, 0.6)]


def test_a_value_that_comes_twice_counts_once():
    assert words("--recipes", "joint,joint_ple,joint", "joint") == ["joint", "joint_ple"]
    assert whole_numbers("--worlds", "7,07") == [7]
    assert numbers("--ratios", "1,4,1.0") == [1.0, 4.0]
    assert pairs("0/0,0.0/0") == [(0.0, 0.0)]


def test_another_form_says_what_to_write():
    with pytest.raises(SystemsError, match="--worlds 7;8: write whole numbers with commas, such as 7,8"):
        whole_numbers("--worlds", "7;8")
    with pytest.raises(SystemsError, match="--ratios x: write numbers with commas"):
        numbers("--ratios", "x")
    with pytest.raises(SystemsError, match="--ratios 1,inf: write numbers with commas"):
        numbers("--ratios", "1,inf")
    with pytest.raises(SystemsError, match=r"--correlations 0\.8: write SHOW/USER, such as 0\.8/0\.6"):
        pairs("0.8")
    for word in ("1.5/0", "0/nan"):
        with pytest.raises(SystemsError, match=f"--correlations {word}: a correlation is from -1 to 1"):
            pairs(word)


@pytest.mark.parametrize("empty", ["", " , "])
def test_an_empty_list_is_not_the_default(empty: str):
    message = r"'[ ,]*': the list is empty; name one or more with commas, such as "
    with pytest.raises(SystemsError, match=f"--recipes {message}joint"):
        words("--recipes", empty, "joint")
    with pytest.raises(SystemsError, match=f"--worlds {message}7,8"):
        whole_numbers("--worlds", empty)
    with pytest.raises(SystemsError, match=f"--ratios {message}1,4"):
        numbers("--ratios", empty)
    with pytest.raises(SystemsError, match=f"--correlations {message}0.8/0.6"):
        pairs(empty)
