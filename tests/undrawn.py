"""Training runs without their pictures, which are looked at where training learns and cost more than a small network's steps."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest


@contextmanager
def undrawn() -> Iterator[None]:
    """Meanwhile runs draw nothing, and check on two batches instead of eight."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("mriexplorer.generative.dashboard.draw_curves", lambda *_given: None)
        patch.setattr("mriexplorer.generative.dashboard.draw_look", lambda *_given: None)
        patch.setattr("mriexplorer.generative.training._CHECKED", 2)
        yield
