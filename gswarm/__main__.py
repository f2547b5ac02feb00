"""``python -m gswarm``."""

from .cli import main

main(prog_name="gswarm")
