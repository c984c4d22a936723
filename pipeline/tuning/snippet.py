"""Values of a search as the keys of a config that hold them."""

from collections.abc import Mapping
from typing import Any

from models.tuning.space import ENCODER, is_of_encoder, key_of
from pipeline.configuration.config import Config


def snippet(config: Config, best: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The section `branches` of a config with the best values in it, and the encoders of `recipes`.

    `branches` stands in place of `recipe` and `baseline`. An encoder belongs to the recipe: if two tuned branches share
    one, it has the values of the first.

    Args:
        config: the config of the search.
        best: by tuned branch, its values by path.
    """
    rows: list[dict[str, Any]] = []
    recipes: dict[str, Any] = {}
    for branch in config.branch_rows:
        values = best.get(branch.name, {})
        row = branch.model_dump(mode="json", exclude_defaults=True)
        if values:
            row.pop("tuned", None)
        for section in ("model", "trainer"):
            own = {key_of(path): value for path, value in values.items() if path.startswith(f"{section}.")}
            row |= {section: {**row.get(section, {}), **own}} if own else {}
        rows.append(row)
        encoder = {key_of(path): value for path, value in values.items() if is_of_encoder(path)}
        if encoder:
            set_before = config.recipes[branch.recipe].encoder.model_dump(mode="json", exclude_defaults=True)
            kind = {"kind": config.recipes[branch.recipe].encoder.kind}
            recipes.setdefault(branch.recipe, {ENCODER: {**kind, **set_before, **encoder}})
    return {"branches": rows} | ({"recipes": recipes} if recipes else {})
