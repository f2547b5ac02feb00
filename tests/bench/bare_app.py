"""What the gateway is measured against: forwards a body, and checks nothing.

Flask on gunicorn with gevent workers and one requests session, which is how such a
forwarder is usually written. ``BARE_UPSTREAM`` is where it forwards to.
"""

from __future__ import annotations

# ruff: noqa: E402 - the patch must come first
from gevent import monkey

monkey.patch_all()

import os
from collections.abc import Iterator

import requests
from flask import Flask, Response, request

UPSTREAM = os.environ["BARE_UPSTREAM"]

app = Flask(__name__)
session = requests.Session()
session.mount("http://", requests.adapters.HTTPAdapter(pool_maxsize=1000))


@app.post("/v1/chat/completions")
def forward() -> Response:
    body = request.get_json()
    if not body.get("stream"):
        answer = session.post(f"{UPSTREAM}/whole", json=body, timeout=60)
        return Response(answer.content, mimetype="application/json")
    answer = session.post(f"{UPSTREAM}/stream", json=body, stream=True, timeout=60)
    return Response(_pieces(answer), mimetype="text/event-stream")


def _pieces(answer: requests.Response) -> Iterator[bytes]:
    yield from answer.iter_content(None)
