"""The command line: one small function per verb."""

from mriexplorer.cli.main import main

__all__ = ["main"]
