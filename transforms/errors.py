"""The base class of every error that a user causes."""


class UserError(Exception):
    """Something that the user can put right.

    The message is one sentence: what is wrong, where, and what to do. The command line prints it without a traceback;
    it treats every other error as a bug.
    """
