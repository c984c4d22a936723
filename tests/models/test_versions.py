import pytest

from models.versions import version_number


@pytest.mark.parametrize(
    ("name", "version"),
    [
        ("1", 1),
        ("0012", 12),
        ("1764000000/", 1_764_000_000),
        ("9223372036854775807", 2**63 - 1),
        ("9223372036854775808", None),  # the first beyond int64
        ("20261124093015123456", None),
        ("-1", None),
        ("1.0", None),
        ("\u00b2", None),
        ("\u0661", None),
        (".pushing-1", None),
        ("", None),
    ],
)
def test_versions_are_digits_alone_within_int64(name: str, version: int | None):
    assert version_number(name) == version
