"""Images as files: one function writes every format, each of which is one file in ``formats/``."""
