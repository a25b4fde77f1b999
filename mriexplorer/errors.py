"""The one exception a user sees: a sentence that names the file, what is wrong with it, and what to do."""


class InputError(Exception):
    """Input that cannot be used. ``str(error)`` is the sentence to show; the command line exits with 2."""
