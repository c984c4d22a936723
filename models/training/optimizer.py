"""The optimizer and its learning rate, the same for every recipe."""

import keras

from models.config import TrainerConfig


def make_optimizer(config: TrainerConfig, steps: int) -> keras.optimizers.Optimizer:
    """Adam whose learning rate rises linearly from 0, then falls along a cosine.

    Adam: Kingma and Ba (ICLR 2015), arXiv 1412.6980. Cosine: Loshchilov and Hutter (ICLR 2017), arXiv 1608.03983.

    Args:
        config: the learning rate, its warm-up, and its end.
        steps: all steps of training.
    """
    warmup = int(config.warmup * steps)
    schedule = keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=0.0 if warmup else config.learning_rate,
        decay_steps=steps - warmup,
        alpha=config.final_learning_rate,
        warmup_target=config.learning_rate if warmup else None,
        warmup_steps=warmup,
    )
    return keras.optimizers.Adam(schedule)
