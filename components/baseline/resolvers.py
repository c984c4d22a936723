"""The Resolver nodes of a pipeline."""

from tfx.dsl.components.base.base_component import BaseComponent
from tfx.dsl.components.common.resolver import Resolver
from tfx.types.channel import Channel
from tfx.types.standard_artifacts import ExampleStatistics, InfraBlessing, Model, ModelBlessing

from components.baseline.strategies import LastBlessedModel, LastPassedStatistics
from components.gates.artifacts import Passed


def last_blessed_model(trainer: BaseComponent, evaluator_id: str, *, trials: bool) -> Resolver:
    """The last blessed model of a branch: outputs `model` and `model_blessing`, empty if there is none.

    Only blessings of the node `evaluator_id` of this pipeline count, so that other branches and other pipelines in the
    same metadata store do not matter.

    Args:
        trainer: the Trainer of the branch.
        evaluator_id: the node that judges its models.
        trials: whether blessings of trials count.
    """
    return Resolver(
        strategy_class=LastBlessedModel,
        config={"trials": trials},
        model=Channel(type=Model),  # of any node: the blessing names it; TFX takes the Trainer's channel for `current`
        model_blessing=Channel(type=ModelBlessing, producer_component_id=evaluator_id, output_key="blessing"),
        servable=Channel(type=InfraBlessing),  # of any model
        current=trainer.outputs["model"],
    )


def last_passed_statistics(statistics_gen: BaseComponent) -> Resolver:
    """The statistics of the last run that passed AnomalyGate: output `statistics`, empty if there are none."""
    return Resolver(
        strategy_class=LastPassedStatistics,
        statistics=Channel(type=ExampleStatistics),  # of any node: the gate's verdict names them
        passed=Channel(type=Passed, producer_component_id="AnomalyGate", output_key="passed"),
        current=statistics_gen.outputs["statistics"],
    )
