"""``python -m gswarm``."""

import sys

try:
    from .cli import main
except KeyboardInterrupt:
    sys.exit("Stopped.")

main(prog_name="gswarm")
