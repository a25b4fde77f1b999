"""What painting needs where no window is open."""

from functools import lru_cache

from PySide6.QtWidgets import QApplication


@lru_cache(maxsize=1)
def application() -> QApplication:
    """The Qt application of this process; where there is none, one without a display, which stays: fonts are loaded into it."""
    running = QApplication.instance()
    return running if isinstance(running, QApplication) else QApplication(["mriexplorer", "-platform", "offscreen"])
