"""One module a format; what it calls ``FORMAT`` is registered (``registry``)."""
