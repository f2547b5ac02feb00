"""Where Google is: every host that GSwarm ever speaks to."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Origins, without a slash at their end; paths are their callers' matter."""

    sign_in: str = "https://accounts.google.com"
    oauth: str = "https://oauth2.googleapis.com"
    profile: str = "https://www.googleapis.com"
    code_assist: str = "https://cloudcode-pa.googleapis.com"
    gemini_api: str = "https://generativelanguage.googleapis.com"
    resource_manager: str = "https://cloudresourcemanager.googleapis.com"
    service_usage: str = "https://serviceusage.googleapis.com"

    @classmethod
    def at(cls, base_url: str | None, code_assist: str | None = None) -> Endpoints:
        """``base_url`` stands in for all of Google, ``code_assist`` for that host."""
        endpoints = cls()
        if base_url:
            origin = base_url.rstrip("/")
            endpoints = cls(*[origin for _ in fields(cls)])
        if code_assist:
            endpoints = replace(endpoints, code_assist=code_assist.rstrip("/"))
        return endpoints

    @property
    def authorize_url(self) -> str:
        """The page where somebody consents."""
        return f"{self.sign_in}/o/oauth2/v2/auth"

    @property
    def token_url(self) -> str:
        return f"{self.oauth}/token"

    @property
    def revoke_url(self) -> str:
        return f"{self.oauth}/revoke"

    @property
    def userinfo_url(self) -> str:
        return f"{self.profile}/oauth2/v2/userinfo"
