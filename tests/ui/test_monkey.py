"""A monkey's first actions: no exception, no Qt warning. The long run is ``python tests/ui/monkey.py``."""

import pytest
from monkey import run


@pytest.mark.slow
@pytest.mark.parametrize("seed", [11, 12])
def test_random_actions_break_nothing(qapp, seed):
    said, _grown, done = run(400, seed, settled=10**9)
    assert said == []
    assert sum(done.values()) == 400 and len(done) >= 9
