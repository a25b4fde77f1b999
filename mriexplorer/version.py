"""The version, in a module of its own: whoever writes it into a file imports nothing else."""

__version__ = "0.2.0"
