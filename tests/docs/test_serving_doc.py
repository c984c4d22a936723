"""docs/serving.md says of every built-in feature what a feature store has to provide."""

import re
from pathlib import Path

from transforms.domain import DEFAULT_DOMAIN
from transforms.features import FEATURES

DOC = (Path(__file__).resolve().parents[2] / "docs" / "serving.md").read_text()
SECTION = DOC.split("### What a feature store has to provide")[1].split("\n## ")[0]
OF_THE_REQUEST = {"user", "user and surface", "request"}


def keys() -> dict[str, str]:
    """The key of each feature of the table, patterns written out; a feature in two rows is an error."""
    found: dict[str, str] = {}
    for line in [line for line in SECTION.splitlines() if line.startswith("| `")]:
        features, key, window, _ = (cell.strip() for cell in line.strip("|").split("|"))
        assert window, line
        for pattern in re.findall(r"`([^`]+)`", features):
            for name in written_out(pattern):
                assert name not in found, name
                found[name] = key
    return found


def written_out(pattern: str) -> list[str]:
    names = [pattern]
    for part, values in (("<source>", DEFAULT_DOMAIN.sources), ("<kind>", DEFAULT_DOMAIN.response_kinds)):
        names = [name.replace(part, value) for name in names for value in (values if part in name else ("",))]
    return names


def test_every_feature_has_a_window_and_a_key():
    assert set(keys()) == {feature.name for feature in FEATURES}


def test_the_key_says_whether_a_feature_differs_by_candidate():
    of_request = {name for name, key in keys().items() if key in OF_THE_REQUEST}
    assert of_request == {feature.name for feature in FEATURES if feature.per == "request"}
