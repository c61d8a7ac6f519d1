"""The one kind of error that is meant for the reader of a message."""


class LabsError(Exception):
    """Something outside the code is wrong: a file, a setting, a server.

    The message says what was found, what was expected and what to do about it; the
    command line prints it without a traceback and ends with exit code 2.
    """
