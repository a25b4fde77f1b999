"""Start mriexplorer on a machine that has Python 3.11 or newer and nothing else.

    python3 packaging/run.py [what mriexplorer takes: maps, a folder, flags]

Makes the environment, installs what is missing, and opens the window; where there is no display, it renders a guided first
look to PNG files instead and says where.
"""

import os
import subprocess
import sys
from pathlib import Path

from environment import ROOT, prepare, say

_TOLD = ("--version", "--help", "-h")
_UNSEEN = ("offscreen", "minimal")  # platforms of Qt whose windows nobody sees
_PROBE = "from PySide6.QtWidgets import QApplication; QApplication([])"


def main() -> int:
    """Prepare, then run."""
    python = str(prepare(("window",)))
    arguments = sys.argv[1:]
    asked = bool(arguments) and not Path(arguments[0]).exists()  # a verb, or what the program says of it
    if (asked and (arguments[0][0] != "-" or arguments[0] in _TOLD)) or _display(python):
        return subprocess.run([python, "-m", "mriexplorer", *arguments], check=False).returncode
    if arguments:
        say("there is no display here for the window; for pictures use: python3 packaging/run.py render ... -o FILE.png")
        return 2
    folder = ROOT / "first-look"
    say(f"there is no display here, so a guided first look is rendered to {folder} instead:")
    code = subprocess.run([python, "-m", "mriexplorer", "tour", "-o", str(folder)], check=False).returncode
    say(f"more without a window: python3 packaging/run.py --help, or {Path(python).parent / 'mriexplorer'} --help")
    return code


def _display(python: str) -> bool:
    """Whether a window can be opened: tried in a process of its own, since Qt ends a process that has no display."""
    if os.environ.get("QT_QPA_PLATFORM", "").split(":")[0] in _UNSEEN:
        return False
    return subprocess.run([python, "-c", _PROBE], capture_output=True, check=False).returncode == 0


if __name__ == "__main__":
    sys.exit(main())
