"""``mriexplorer`` and ``python -m mriexplorer``: answers --version before anything is imported."""

import sys

from mriexplorer.version import __version__


def main() -> int:
    """Run the command line of this process."""
    if sys.argv[1:] == ["--version"]:
        print(f"mriexplorer {__version__}")
        return 0
    from mriexplorer.cli import main as run

    return run()


if __name__ == "__main__":
    sys.exit(main())
