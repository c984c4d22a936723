"""Fine-tuning with a frozen encoder: only the towers of heads that learn may change."""

import keras

from models.config import TrainerConfig
from models.errors import TrainingError
from models.network import tower_name
from models.training.warm_start import Carried


def freeze_encoder(model: keras.Model, config: TrainerConfig, heads: tuple[str, ...], carried: Carried | None) -> None:
    """Fixes embeddings, encoder, and the statistics of batch norm, if `config.frozen_encoder` says so.

    The tower of a head with the loss weight 0 is fixed, too, so that the logits of that head stay as they are. Dropout
    stays on: the towers learn from the same noise as before.

    Args:
        model: a model that has taken over the weights of another one.
        config: the section `trainer`.
        heads: all heads of the model.
        carried: the weights that it has taken over; None if it started from random weights.

    Raises:
        TrainingError: there is no other model, or it lacks weights that would stay as random as they are.
    """
    if not config.frozen_encoder:
        return
    if carried is None:
        raise TrainingError(
            "trainer.frozen_encoder: there is no model to start from, so the encoder would stay random; set start_from "
            "to a trained model"
        )
    learning = {tower_name(head) for head in heads if config.loss_weights.get(head, 1.0)}
    missing = [path for path in carried.fresh if path.split("/")[0] not in learning]
    missing += carried.fresh_columns
    missing += [f"embedding rows of {feature}" for feature, rows in carried.fresh_rows.items() if rows]
    if missing:
        raise TrainingError(
            f"trainer.frozen_encoder: {carried.folder} has no weights for {', '.join(missing)}, and they never learn "
            "with a frozen encoder or the loss weight 0; use `coldcast finetune`, which keeps the features and the "
            "Transform of the model, or set trainer.frozen_encoder to false and the loss weights above 0"
        )
    for layer in model.layers:
        layer.trainable = layer.name in learning
