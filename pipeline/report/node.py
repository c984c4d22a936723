"""The node that writes the page of a run."""

from collections.abc import Mapping, Sequence

from tfx.dsl.components.base.base_node import BaseNode

from components.report.component import Report
from pipeline.branch import hash_code
from pipeline.configuration.config import Config
from pipeline.metadata.records import PUSHER


def report_node(
    config: Config, nodes: Sequence[BaseNode], ingestion: BaseNode, checks: Mapping[str, BaseNode]
) -> BaseNode:
    """The node `Report`, which runs last: if it fails, the model is published all the same.

    Args:
        config: of the run.
        nodes: those of the branches.
        ingestion: gives the accounting.
        checks: the validators of the data, by the keys of `CHECKS`.
    """
    by_id = {node.id: node for node in nodes}
    branches = config.branches_to_run
    report = Report(
        pipeline=config.name,
        branches=[{"name": branch.name, "recipe": branch.recipe_name, "seed": branch.seed} for branch in branches],
        of_branches=[
            {
                **{key: by_id[f"Evaluator.{branch.name}"].outputs[key] for key in ("evaluation", "scores", "blessing")},
                "model_run": by_id[f"Trainer.{branch.name}"].outputs["model_run"],
            }
            for branch in branches
        ],
        accounting=ingestion.outputs["accounting"],
        checks={key: node.outputs["anomalies"] for key, node in checks.items()},
        split=config.split,
        sources=config.sources,
    )
    hash_code(report, "components.report.component")
    if PUSHER in by_id:
        report.add_upstream_node(by_id[PUSHER])
    return report
