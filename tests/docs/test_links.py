"""Every page and section that code, configs and pages point to is there."""

import re
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
FOLDERS = (
    "components",
    "transforms",
    "models",
    "pipeline",
    "serving",
    "simulation",
    "experiments",
    "benchmarks",
    "tests",
)
POINTING = (
    *(path for folder in FOLDERS for path in (REPOSITORY / folder).rglob("*.py")),
    *(REPOSITORY / "configs").glob("*.yaml"),
    *(REPOSITORY / "docs").glob("*.md"),
    *(REPOSITORY / page for page in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")),
)


def pointed_to(path: Path) -> set[tuple[Path, str]]:
    """The files that a file names, each with the anchor of a section or "": `docs/...` anywhere, links in pages."""
    text = path.read_text()
    named = re.findall(r"(docs/\w+\.md)(?:#([\w-]+))?", text)
    linked = re.findall(r"\]\(([\w./-]*)(?:#([\w-]+))?\)", text) if path.suffix == ".md" else []
    return {(REPOSITORY / file, anchor) for file, anchor in named} | {
        (path.parent / file if file else path, anchor) for file, anchor in linked
    }


def anchors(page: Path) -> set[str]:
    """The anchors that a forge makes of a page's headings."""
    titles = re.findall(r"^##+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title).lower().replace(" ", "-") for title in titles}


def test_pages_and_sections_that_are_pointed_to_are_there():
    pointed = {(path, file, anchor) for path in POINTING for file, anchor in pointed_to(path)}
    assert len(pointed) > 50
    assert [f"{path}: {file}" for path, file, _ in pointed if not file.exists()] == []
    assert [f"{path}: {file}#{to}" for path, file, to in pointed if to and to not in anchors(file)] == []
