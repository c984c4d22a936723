import pytest

from experiments.systems.errors import SystemsError
from experiments.systems.options import numbers, pairs, whole_numbers, words


def test_lists_are_read():
    assert words(" joint, joint_ple,") == ["joint", "joint_ple"]
    assert whole_numbers("--worlds", "7,8") == [7, 8]
    assert whole_numbers("--worlds", None) == []
    assert numbers("--ratios", "0.5,4") == [0.5, 4.0]
    assert pairs("0/0,0.8/0.6") == [(0.0, 0.0), (0.8, 0.6)]


def test_another_form_says_what_to_write():
    with pytest.raises(SystemsError, match="--worlds 7;8: write whole numbers with commas, such as 7,8"):
        whole_numbers("--worlds", "7;8")
    for empty in ("", " , "):
        with pytest.raises(SystemsError, match=r"--worlds '[ ,]*': names no number; write whole numbers"):
            whole_numbers("--worlds", empty)
    with pytest.raises(SystemsError, match="--ratios x: write numbers with commas"):
        numbers("--ratios", "x")
    with pytest.raises(SystemsError, match=r"--correlations 0\.8: write SHOW/USER, such as 0\.8/0\.6"):
        pairs("0.8")
