"""``python -m gswarm.simulator``: simulate Google until stopped."""

from __future__ import annotations

import argparse
from pathlib import Path

from .server import serve

_parser = argparse.ArgumentParser(prog="python -m gswarm.simulator")
_parser.add_argument("--host", default="127.0.0.1")
_parser.add_argument("--port", type=int, default=0)
_parser.add_argument("--accounts", type=int, default=3)
_parser.add_argument("--projects", type=int, default=12)
_parser.add_argument("--quota", type=Path)
_parser.add_argument("--instant", action="store_true")
_parser.add_argument("--exit-on-eof", action="store_true")

if __name__ == "__main__":
    serve(**vars(_parser.parse_args()))
