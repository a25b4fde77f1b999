"""Images of every format that can be opened; a new format is one file in ``formats/``."""
