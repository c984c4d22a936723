"""The optimizers and their learning rate, the same for every recipe."""

import keras

from models.config import TrainerConfig
from models.network import embedding_table
from models.training.row_adam import RowAdam

NOT_DECAYED = ["bias", "gamma", "beta", "scale", "alpha"]
"""Names of weights that weight decay leaves alone: they scale and shift, and do not make a model complex."""


def make_optimizer(config: TrainerConfig, steps: int) -> keras.optimizers.Optimizer:
    """Adam, for all weights except the embedding table.

    Adam: Kingma and Ba (ICLR 2015), arXiv 1412.6980. Decoupled weight decay: Loshchilov and Hutter (ICLR 2019),
    arXiv 1711.05101.

    Args:
        config: the learning rate and the weight decay.
        steps: all steps of training.
    """
    rate = learning_rate(config, steps)
    if not config.weight_decay:
        return keras.optimizers.Adam(rate)
    adam = keras.optimizers.AdamW(rate, weight_decay=config.weight_decay)
    adam.exclude_from_weight_decay(var_names=NOT_DECAYED)
    return adam


def make_row_optimizer(config: TrainerConfig, steps: int, model: keras.Model) -> RowAdam | None:
    """Adam for the rows of the embedding table, with the same learning rate; None if no table learns.

    Make it outside of the scope of a strategy, because its moments exist once.

    Args:
        config: the learning rate and the weight decay of embeddings.
        steps: all steps of training.
        model: the model.
    """
    table = embedding_table(model)
    learns = table is not None and table.trainable
    return None if not learns else RowAdam(table, learning_rate(config, steps), config.embedding_weight_decay)


def learning_rate(config: TrainerConfig, steps: int) -> keras.optimizers.schedules.LearningRateSchedule:
    """A learning rate that rises linearly from 0, then falls along a cosine.

    Loshchilov and Hutter (ICLR 2017), arXiv 1608.03983.

    Args:
        config: the learning rate, its warm-up, and its end.
        steps: all steps of training.
    """
    warmup = int(config.warmup * steps)
    return keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=0.0 if warmup else config.learning_rate,
        decay_steps=steps - warmup,
        alpha=config.final_learning_rate,
        warmup_target=config.learning_rate if warmup else None,
        warmup_steps=warmup,
    )
