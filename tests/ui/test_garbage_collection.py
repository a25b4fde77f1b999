"""No worker ever frees a widget."""

import gc
from threading import Thread, get_ident

import pytest
from PySide6.QtWidgets import QWidget

from mriexplorer.ui.window.application import application


@pytest.fixture
def freed(qtbot) -> list[int]:
    """Makes a widget in a circle that nobody holds; the list gets the thread that frees it."""
    application()
    found: list[int] = []

    class Told(QWidget):
        def __del__(self) -> None:
            found.append(get_ident())

    widget = Told()
    widget.circle = widget
    del widget
    return found


def test_workers_search_no_circles(freed: list[int]) -> None:
    def allocate() -> None:
        kept = [[n] for n in range(200_000)]
        assert len(kept) == 200_000

    worker = Thread(target=allocate)
    worker.start()
    worker.join()
    assert freed == [] and not gc.isenabled()


def test_the_window_s_thread_does(freed: list[int], qtbot) -> None:
    kept: list[list[int]] = []

    def is_freed() -> bool:
        kept.extend([n] for n in range(200))  # goes on allocating, since what other tests leave to be deleted counts against it
        return bool(freed)

    qtbot.waitUntil(is_freed, timeout=10_000)
    assert freed == [get_ident()] and kept
