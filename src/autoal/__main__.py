"""`python -m autoal` does what `autoal` does."""

import sys

from autoal.cli import main

if __name__ == "__main__":
    sys.exit(main())
