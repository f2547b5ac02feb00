"""The API's description, as a browser shows it."""

from __future__ import annotations


def test_the_docs_show_every_path_without_complaint(context, gateway):
    page = context.new_page()
    page.goto("/docs")

    page.get_by_text("a dashboard session and its X-CSRF-Token").first.wait_for(
        state="attached"
    )
    paths = gateway.get("/openapi.json").json()["paths"]
    shown = set(page.locator("code").all_inner_texts())
    assert paths.keys() - shown == set()
