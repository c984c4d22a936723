"""The errors of serving that a user can put right."""

from transforms.errors import UserError


class ServingError(UserError):
    """A server, a client, or a model to be served cannot work as it is set up."""


class UnreachableError(ServingError):
    """No server answered at the address within the deadline."""


class DeadlineError(UnreachableError):
    """The connected server did not answer within the deadline: it is busy, or it disappeared."""


class ClosedError(ServingError):
    """The client was closed before or during a call."""


class UnknownModelError(ServingError):
    """The server does not serve this model, version, or signature."""


class BadRequestError(ServingError):
    """The inputs do not fit the model's signature."""


class OverloadedError(ServingError):
    """The server has no room for the request: too many requests wait, or the message is too long."""
