"""A model that answers when a test lets it."""

import threading


class Gate:
    """Holds requests in their threads until it is opened, as a slow model would."""

    def __init__(self) -> None:
        self.entered = threading.Semaphore(0)
        self.opened = threading.Event()
