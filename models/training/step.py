"""Training steps, compiled."""

from collections.abc import Callable

import keras
import tensorflow as tf

from models.config import TrainerConfig
from models.recipes import Recipe
from models.tasks import TASKS
from models.training.losses import loss_mask, loss_weights, task_losses
from transforms.labels import LABELS

Losses = Callable[[tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor], tf.Tensor]
"""From ids, floats, labels and source (see `models.training.prepared_rows.Rows`) to a loss by task, float32 `[heads]`."""


def make_losses(model: keras.Model, recipe: Recipe, config: TrainerConfig) -> Losses:
    """The masked loss of each task on one batch, the model in training mode."""
    mask = tf.constant(loss_mask(recipe.heads))
    columns = [LABELS.index(TASKS[head].label) for head in recipe.heads]

    def losses(ids: tf.Tensor, floats: tf.Tensor, labels: tf.Tensor, source: tf.Tensor) -> tf.Tensor:
        logits = model({"ids": ids, "floats": floats}, training=True)
        return task_losses(
            tf.stack([logits[head] for head in recipe.heads], axis=1),
            tf.cast(tf.gather(labels, columns, axis=1), tf.float32),
            tf.gather(mask, tf.cast(source, tf.int32)),
            config.mean_over,
        )

    return losses


def make_steps(
    model: keras.Model, optimizer: keras.optimizers.Optimizer, recipe: Recipe, config: TrainerConfig
) -> Losses:
    """A function that updates the model by several batches and returns the sum of their losses by task.

    It takes the batches stacked: ids `[batches, n, id_width]` and so on. The loop over them is in the graph, since a
    call from Python costs a noticeable part of a step. XLA is for training alone, the weights it leaves are ordinary
    ones: on CPU it gains by fusing Adam, batch norm and the embedding's gradient.
    """
    losses = make_losses(model, recipe, config)
    weights = tf.constant(loss_weights(recipe.heads, config.loss_weights))
    variables = model.trainable_variables
    optimizer.build(variables)

    @tf.function(jit_compile=True)
    def step(ids: tf.Tensor, floats: tf.Tensor, labels: tf.Tensor, source: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            by_task = losses(ids, floats, labels, source)
            total = tf.reduce_sum(weights * by_task)
        gradients = tape.gradient(total, [variable.value for variable in variables])
        # Keras's Adam makes an IndexedSlices gradient dense in each of its updates; once is enough.
        optimizer.apply([tf.convert_to_tensor(gradient) for gradient in gradients], variables)
        return by_task

    @tf.function(reduce_retracing=True)
    def steps(ids: tf.Tensor, floats: tf.Tensor, labels: tf.Tensor, source: tf.Tensor) -> tf.Tensor:
        total = tf.zeros([len(recipe.heads)])
        for batch in tf.range(tf.shape(source)[0]):
            total += step(ids[batch], floats[batch], labels[batch], source[batch])
        return total

    return steps
