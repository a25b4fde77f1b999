"""Who does the work."""

import os

import psutil

from mriexplorer.workers import Workers


def _whose(_task: int) -> int:
    return os.getpid()


def test_dismissed_workers_end_and_the_rest_is_done_here():
    with Workers(2) as workers:
        theirs = set(workers.each(_whose, range(6)))
        workers.dismiss()
        here = set(workers.each(_whose, range(6)))
    assert os.getpid() not in theirs and here == {os.getpid()}
    assert not any(psutil.pid_exists(number) for number in theirs)
