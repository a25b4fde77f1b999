"""``python -m mriexplorer``."""

import sys

from mriexplorer.cli import main

if __name__ == "__main__":
    sys.exit(main())
