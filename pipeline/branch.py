"""The nodes of the branches: each one trains a model, judges it, and pushes it if it is the one to push."""

import uuid

from tfx import types
from tfx.components.trainer.component import Trainer
from tfx.dsl.components.base.base_component import BaseComponent
from tfx.dsl.components.base.base_node import BaseNode
from tfx.proto import trainer_pb2

from components.baseline.resolvers import last_blessed_model
from components.baseline.strategies import TRIAL
from components.code_hash import code_hash
from components.evaluation.component import BranchEvaluator
from components.evaluation.eval_config import EXTRACTORS, METRICS
from components.pusher.component import AtomicPusher
from components.servable.gate import ServableGate
from components.start.nodes import imported_model, last_model
from models.spec import TrainingSpec
from pipeline.configuration.branches import LAST, Branch, in_order
from pipeline.configuration.config import Config
from pipeline.tuning.node import branch_tuner


def branch_nodes(
    config: Config,
    examples: types.BaseChannel,
    transform_graph: types.BaseChannel,
    start_model: types.BaseChannel | None = None,
    start_spec: TrainingSpec | None = None,
) -> list[BaseNode]:
    """The nodes of every branch, in an order in which each node follows those that it reads.

    Args:
        config: the whole configuration.
        examples: the splits of labelled impressions.
        transform_graph: of Transform, or of the model to fine-tune.
        start_model: the model to fine-tune; None if every branch starts as the config says.
        start_spec: how that model was trained.

    Raises:
        StartError: a branch starts from a folder without a model.
    """
    branches = {branch.name: branch for branch in config.branches_to_run}
    nodes: list[BaseNode] = []
    models: dict[str, types.BaseChannel] = {}
    for name in in_order(tuple(branches.values())):
        branch = branches[name]
        if start_model is not None:
            start = start_model
        elif branch.start_from in models:
            start = models[branch.start_from]
        else:
            start, start_nodes = _start(config, branch, examples)
            nodes += start_nodes
        tuner = branch_tuner(config, branch, examples, transform_graph) if branch.tuned else None
        spec = (branch.tunable_spec if tuner else branch.spec)(config.domain, config.features)
        if start_spec is not None:
            kept = {"features": start_spec.features, "model": start_spec.model, "kept_transform": True}
            spec = spec.model_copy(update=kept)
        best = tuner.outputs["best_hyperparameters"] if tuner else None
        trainer = _trainer(spec, examples, transform_graph, start, best)
        models[name] = trainer.outputs["model"]
        nodes += [*([tuner] if tuner else []), trainer, *_judged(config, branch, examples, trainer)]
    return nodes


def hash_code(component: BaseComponent, *names: str) -> None:
    """Adds a hash of the code of the modules `names` to the cache key; TFX has their import paths there at most."""
    component.exec_properties["code_hash"] = code_hash(*names)


def never_cache(component: BaseComponent) -> None:
    """Makes the component run in each run, also if its inputs are unchanged."""
    component.exec_properties["nonce"] = uuid.uuid4().hex


def _start(
    config: Config, branch: Branch, examples: types.BaseChannel
) -> tuple[types.BaseChannel | None, list[BaseNode]]:
    """The model that a branch starts from, unless it is another branch's, with the node that gives it."""
    if branch.start_from is None:
        return None, []
    if branch.start_from == LAST:
        last = last_model(examples, f"Evaluator.{branch.name}", trials=not config.pusher.enabled)
        last = last.with_id(f"Resolver.{branch.name}.start")
        return last.outputs["model"], [last]
    imported = imported_model(branch.start_from, f"{config.home}/starts").with_id(f"Importer.{branch.name}")
    return imported.outputs["result"], [imported]


def _trainer(
    spec: TrainingSpec,
    examples: types.BaseChannel,
    transform_graph: types.BaseChannel,
    start: types.BaseChannel | None,
    hyperparameters: types.BaseChannel | None,
) -> Trainer:
    trainer = Trainer(
        run_fn="models.training.trainer.run_fn",
        examples=examples,
        transform_graph=transform_graph,
        base_model=start,
        hyperparameters=hyperparameters,
        train_args=trainer_pb2.TrainArgs(splits=["train"]),
        eval_args=trainer_pb2.EvalArgs(splits=["validation"]),
        custom_config={"spec": spec.model_dump(mode="json")},
    ).with_id(f"Trainer.{spec.name}")
    hash_code(trainer, "models.training.trainer")
    return trainer


def _judged(config: Config, branch: Branch, examples: types.BaseChannel, trainer: Trainer) -> list[BaseNode]:
    """Judges a model beside the last blessed one of its branch, and pushes it if it is blessed and the one to push."""
    trial = not config.pusher.enabled
    resolver = last_blessed_model(trainer, f"Evaluator.{branch.name}", trials=trial)
    resolver = resolver.with_id(f"Resolver.{branch.name}")
    evaluator = BranchEvaluator(
        examples=examples,
        model=trainer.outputs["model"],
        last_blessed=resolver.outputs["model"],
        recipe=branch.recipe,
        config=config.evaluator,
        domain=config.domain,
        tiers=config.tiers,
        features=config.feature_table,
    ).with_id(f"Evaluator.{branch.name}")
    hash_code(evaluator, "components.evaluation.component", EXTRACTORS, METRICS)
    if trial:
        evaluator.exec_properties[TRIAL] = 1
    if trial or not branch.pushed:
        return [resolver, evaluator]

    servable_gate = ServableGate(model=trainer.outputs["model"])
    # A full disk or too little memory may be the reason of its verdict. So the next run checks the same model again.
    never_cache(servable_gate)
    pusher = AtomicPusher(
        model=trainer.outputs["model"],
        model_blessing=evaluator.outputs["blessing"],
        infra_blessing=servable_gate.outputs["blessing"],
        directory=config.models,
    )
    # Only the folder of the versions shows whether the model is published. A second push does nothing.
    never_cache(pusher)
    return [resolver, evaluator, servable_gate, pusher]
