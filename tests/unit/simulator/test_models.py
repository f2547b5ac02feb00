from __future__ import annotations

import pytest

from gswarm.simulator.errors import GoogleError
from gswarm.simulator.models import Api, find, served_by


@pytest.mark.parametrize(
    ("api", "name", "is_known"),
    [
        ("cloudcode", "gemini-2.5-pro", True),
        ("cloudcode", "gemini-3-flash", True),
        ("cloudcode", "gemini-3.5-flash", False),
        ("cloudcode", "gemini-3.8-flash", False),
        ("gemini_api", "gemini-3.5-flash", True),
        ("gemini_api", "models/gemini-3.8-flash", True),
        ("gemini_api", "gemini-3-flash", False),
        ("gemini_api", "gpt-4o", False),
    ],
)
def test_each_api_knows_its_own_names(api: Api, name: str, is_known: bool) -> None:
    if is_known:
        assert find(name, api).name == name.removeprefix("models/")
        return
    with pytest.raises(GoogleError) as caught:
        find(name, api)
    assert caught.value.status == 404


def test_a_reply_may_report_another_version() -> None:
    assert find("gemini-3-flash", "cloudcode").version == "gemini-3-flash-a"
    assert find("gemini-2.5-pro", "cloudcode").version == "gemini-2.5-pro"


def test_every_model_has_one_way_to_think_or_none() -> None:
    for api in ("cloudcode", "gemini_api", "vertex"):
        assert served_by(api)
        for model in served_by(api):
            assert not (model.budget and model.levels)
