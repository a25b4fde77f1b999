"""Training runs without their pictures, which are looked at where training learns and cost more than a small network's steps."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest


@contextmanager
def undrawn() -> Iterator[None]:
    """Meanwhile runs draw nothing, and check on two batches instead of eight."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("mriexplorer.generative.loop.draw_curves", lambda *_given: None)
        patch.setattr("mriexplorer.generative.autoencoder.train.draw_reconstruction", lambda *_given: None)
        patch.setattr("mriexplorer.generative.autoencoder.train._CHECKED", 2)
        yield
