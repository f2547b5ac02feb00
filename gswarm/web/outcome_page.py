"""The small page at the end of a visit to Google: it tells its opener, and closes."""

from __future__ import annotations

from typing import Any

import orjson
from flask import Response
from markupsafe import Markup, escape

PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<link rel="stylesheet" href="/static/sign-in/outcome.css">
<body data-outcome="{outcome}">
<h1>{title}</h1>
<p>{message}</p>
{link}
<p><a href="/">To the dashboard</a></p>
<script type="module" src="/static/sign-in/outcome.js"></script>
</html>
"""
LINK = Markup('<p><a href="{url}" rel="noreferrer">{url}</a></p>')
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)


def outcome_page(
    title: str,
    message: str,
    *,
    status: int = 200,
    action_url: str | None = None,
    **outcome: Any,
) -> Response:
    """The page; ``outcome`` is what the opener hears beside ``ok``, the message and
    ``actionUrl``: where somebody can mend what is wrong."""
    told = {"ok": status < 400, "message": message, "actionUrl": action_url, **outcome}
    is_web = bool(action_url) and str(action_url).startswith(("https://", "http://"))
    page = PAGE.format(
        title=escape(title),
        message=escape(message),
        link=LINK.format(url=action_url) if is_web else "",
        outcome=escape(orjson.dumps(told).decode()),
    )
    headers = {"Content-Security-Policy": POLICY, "Cache-Control": "no-store"}
    return Response(page, status, headers, mimetype="text/html")
