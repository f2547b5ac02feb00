"""LangChain's own standard tests, with ChatOpenAI pointed at the gateway."""

from __future__ import annotations

import base64
from typing import Any

import httpx
import pytest
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage
from langchain_openai import ChatOpenAI
from langchain_tests.integration_tests import ChatModelIntegrationTests

from tests.gateway_process import Gateway
from tests.simulator_process import Simulator

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAA"
    "AABJRU5ErkJggg=="
)
FILES = {"png": PNG, "pdf": b"%PDF-1.7 nothing in it", "wav": b"RIFF____WAVE"}
"""Stand in for what the tests would fetch from the Internet."""


@pytest.fixture(autouse=True)
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    def get(url: str, **options: Any) -> httpx.Response:
        return httpx.Response(200, content=FILES[url[-3:]])

    monkeypatch.setattr(httpx, "get", get)


# Both libraries warn of their own doings (placeholder file names, old schema classes).
@pytest.mark.filterwarnings("ignore::UserWarning")
class TestChatOpenAI(ChatModelIntegrationTests):
    """Every standard test of a chat model with all its faculties."""

    @pytest.fixture(autouse=True)
    def _gateway(self, gateway: Gateway, google: Simulator) -> None:
        self.gateway = gateway

    @pytest.fixture
    def model(self, _gateway: None) -> BaseChatModel:
        return self.chat_model_class(
            **self.standard_chat_model_params, **self.chat_model_params
        )

    @pytest.fixture
    def vcr(self) -> None:
        """No recordings: the one test that times one skips itself."""

    @property
    def chat_model_class(self) -> type[BaseChatModel]:
        return ChatOpenAI

    @property
    def chat_model_params(self) -> dict:
        return {
            "model": "gemini-3-flash-preview",
            "base_url": f"{self.gateway.url}/v1",
            "api_key": self.gateway.key,
            "max_retries": 0,
            "stream_usage": True,
        }

    @property
    def supports_image_inputs(self) -> bool:
        return True

    @property
    def supports_pdf_inputs(self) -> bool:
        return True

    @property
    def supports_audio_inputs(self) -> bool:
        return True

    @property
    def supports_json_mode(self) -> bool:
        return True

    @property
    def supports_anthropic_inputs(self) -> bool:
        return True

    @property
    def supports_image_tool_message(self) -> bool:
        return True

    @property
    def supports_pdf_tool_message(self) -> bool:
        return True

    @property
    def supports_model_override(self) -> bool:
        return True

    @property
    def model_override_value(self) -> str:
        return "gemini-2.5-flash"

    @property
    def supported_usage_metadata_details(self) -> dict:
        return {
            "invoke": ["reasoning_output", "cache_read_input"],
            "stream": ["reasoning_output", "cache_read_input"],
        }

    def invoke_with_reasoning_output(self, *, stream: bool = False) -> AIMessage:
        return self._ask("Why is the sky blue?", stream)

    def invoke_with_cache_read_input(self, *, stream: bool = False) -> AIMessage:
        return self._ask("Why is the sky blue? " * 1000, stream)

    def _ask(self, prompt: str, stream: bool) -> AIMessage:
        model = ChatOpenAI(**self.chat_model_params)
        if not stream:
            return model.invoke(prompt)
        first, *rest = model.stream(prompt)
        return sum(rest, start=first)
