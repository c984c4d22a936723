"""What can go wrong in serving, in words for the user."""


class ServingError(ValueError):
    """Something about a server, a client or a model to be served that the user can set right."""


class UnreachableError(ServingError):
    """No server answered at the address within the deadline."""


class DeadlineError(UnreachableError):
    """A server that had been reached did not answer within the deadline: it is busy, or went away without a word."""


class ClosedError(ServingError):
    """The client was closed before or while it was asked."""


class UnknownModelError(ServingError):
    """The server does not serve the model, version or signature that was asked for."""


class BadRequestError(ServingError):
    """The inputs do not fit the model's signature."""
