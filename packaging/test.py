"""Run all tests on a machine that has Python 3.11 or newer and nothing else.

    python3 packaging/test.py [what pytest takes]

``--checks`` runs formatting, lint, types and import contracts first; ``--quick`` leaves out what trains and whole cohorts.
Up to four processes share the tests; ``-n 0`` is for a debugger.
"""

import os
import subprocess
import sys

from environment import ROOT, prepare, say

CHECKS = (
    ("ruff", "format", "--check", "."),
    ("ruff", "check", "."),
    ("mypy",),
    ("lint-imports",),
)
SHARED = ("-n", "auto", "--maxprocesses", "4", "--dist", "loadscope")


def main() -> int:
    """Prepare, check if asked, test."""
    arguments = sys.argv[1:]
    checks = "--checks" in arguments
    python = prepare(("check", "evaluation", "records", "test", "train", "window"))
    environment = {
        **os.environ,
        "PATH": f"{python.parent}{os.pathsep}{os.environ['PATH']}",
        "QT_QPA_PLATFORM": "offscreen",
        "MALLOC_ARENA_MAX": "2",  # of glibc, which else keeps a heap of its own for each of many short threads
    }
    for check in CHECKS if checks else ():
        say(" ".join(check))
        if code := subprocess.run([*check], cwd=ROOT, env=environment, check=False).returncode:
            return code
    asked = [argument for argument in arguments if argument not in ("--checks", "--quick")]
    asked += ["-m", "not slow"] if "--quick" in arguments else []
    return subprocess.run([str(python), "-m", "pytest", *SHARED, *asked], cwd=ROOT, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
