"""One or several replicas of a model, by `tf.distribute`."""

import tensorflow as tf

from models.errors import TrainingError


def strategy_for(replicas: int) -> tf.distribute.Strategy:
    """The strategy that spreads replicas over the devices of this machine.

    Args:
        replicas: 1 for the default strategy, which changes nothing. More for a `MirroredStrategy` over that many GPUs,
            or logical CPU devices where there is no GPU.

    Raises:
        TrainingError: this machine has fewer devices.
    """
    if replicas == 1:
        return tf.distribute.get_strategy()
    kind = "GPU" if tf.config.list_logical_devices("GPU") else "CPU"
    devices = [device.name for device in tf.config.list_logical_devices(kind)]
    if len(devices) < replicas:
        raise TrainingError(
            f"trainer.replicas is {replicas}, but TensorFlow sees only {len(devices)} {kind} "
            f"{'device' if len(devices) == 1 else 'devices'} on this machine; set it to {len(devices)} or less"
        )
    # The default operations number their exchanges from the start for each strategy. So a second training in one
    # process, such as that of another branch, would fail.
    exchange = tf.distribute.NcclAllReduce() if kind == "GPU" else tf.distribute.ReductionToOneDevice()
    return tf.distribute.MirroredStrategy(devices[:replicas], cross_device_ops=exchange)
