"""mriexplorer: tissue maps of a brain, and every MR contrast of them, live."""

__version__ = "0.1.0"
