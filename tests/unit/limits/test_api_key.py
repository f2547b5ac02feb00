"""What one API key may do."""

import pytest

from gswarm.errors import InvalidRequest
from gswarm.limits.api_key import ApiKey, checked


def key(**settings: object) -> ApiKey:
    return ApiKey(**{"id": "01234567", "name": "alice", **settings})


@pytest.mark.parametrize(
    ("allowed", "address", "is_allowed"),
    [
        ((), "203.0.113.9", True),
        (("203.0.113.9",), "203.0.113.9", True),
        (("203.0.113.9",), "203.0.113.8", False),
        (("10.0.0.0/8",), "10.255.0.1", True),
        (("10.0.0.0/8",), "11.0.0.1", False),
        (("10.1.2.3/8",), "10.9.9.9", True),
        (("10.0.0.0/8",), "::ffff:10.0.0.1", True),
        (("10.0.0.0/8",), "::ffff:0a00:0001", True),
        (("::ffff:10.0.0.0/104",), "10.0.0.1", True),
        (("2001:db8::/32",), "2001:db8::1", True),
        (("2001:DB8:0::1",), "2001:db8::1", True),
        (("2001:db8::/32",), "2001:db9::1", False),
        (("10.0.0.0/8", "::1"), "::1", True),
        (("10.0.0.0/8",), "::1", False),
        (("fe80::/10",), "fe80::1%eth0", True),
        (("0.0.0.0/0",), "::1", False),
        (("10.0.0.0/8",), "", False),
        (("10.0.0.0/8",), "unix", False),
    ],
)
def test_addresses_are_held_to_the_allowed_networks(allowed, address, is_allowed):
    assert key(allowed_ips=allowed).allows_address(address) is is_allowed


@pytest.mark.parametrize(
    ("patterns", "name", "is_allowed"),
    [
        ((), "/v1/models", True),
        (("/v1/models",), "/v1/models", True),
        (("/v1/models",), "/v1/models/gemini", False),
        (("/v1/*",), "/v1/models/gemini", True),
        (("/v1/*",), "/v1", False),
        (("/v1/*",), "/api/gswarm/status", False),
        (("/v1/models", "/api/*"), "/api/gswarm/status", True),
        (("*",), "/anything", True),
    ],
)
def test_patterns_are_exact_or_open_ended(patterns, name, is_allowed):
    assert key(allowed_endpoints=patterns).allows_path(name) is is_allowed
    assert key(allowed_models=patterns).allows_model(name) is is_allowed


@pytest.mark.parametrize(
    "allowed", ["/v1/chat/*", "/chat/completions/", "/v1beta/openai/chat/completions"]
)
def test_a_path_covers_its_other_spellings(allowed):
    alice = key(allowed_endpoints=(allowed,))

    assert alice.allows_path("/v1/chat/completions")
    assert not alice.allows_path("/v1/models")


@pytest.mark.parametrize(
    "allowed",
    ["/v1beta/*", "/v1/models/*", "/v1/*", "/v1alpha/models/m:generateContent"],
)
def test_a_method_of_gemini_is_covered_in_each_version(allowed):
    alice = key(allowed_endpoints=(allowed,))

    assert alice.allows_path("/v1beta/models/m:generateContent")
    assert not alice.allows_path("/api/gswarm/status")


def test_chat_alone_opens_no_method_of_gemini():
    alice = key(allowed_endpoints=("/v1/chat/completions",))

    assert not alice.allows_path("/v1beta/models/m:generateContent")


@pytest.mark.parametrize(
    ("settings", "param"),
    [
        ({"name": ""}, "name"),
        ({"name": " "}, "name"),
        ({"name": "a\nb"}, "name"),
        ({"name": "a" * 101}, "name"),
        ({"scopes": ()}, "scopes"),
        ({"scopes": ("chat", "root")}, "scopes"),
        ({"expires_at": -1.0}, "expiresAt"),
        ({"expires_at": 253_402_300_800.0}, "expiresAt"),
        ({"rate_limit": -1}, "rateLimit"),
        ({"rate_limit": 10**12 + 1}, "rateLimit"),
        ({"tokens_per_day": -1}, "tokensPerDay"),
        ({"max_concurrent": -1}, "maxConcurrent"),
        ({"allowed_ips": ("10.0.0.0/33",)}, "allowedIps"),
        ({"allowed_ips": ("localhost",)}, "allowedIps"),
        ({"allowed_endpoints": ("",)}, "allowedEndpoints"),
        ({"allowed_endpoints": ("/v1/*/models",)}, "allowedEndpoints"),
        ({"allowed_models": ("**",)}, "allowedModels"),
        ({"allowed_models": ("m" * 201,)}, "allowedModels"),
        ({"allowed_endpoints": ("/v1",) * 101}, "allowedEndpoints"),
        ({"allowed_ips": ("::1",) * 101}, "allowedIps"),
    ],
)
def test_settings_that_make_no_sense_are_refused_by_name(settings, param):
    with pytest.raises(InvalidRequest) as refused:
        checked(key(**settings))

    assert refused.value.param == param
