from __future__ import annotations

import base64

import pytest

from gswarm.simulator.models import find
from gswarm.simulator.signatures import BYPASSES, Binding, Scope, Signer

FLASH = find("gemini-3-flash", "cloudcode")
PREVIEW = find("gemini-3-flash-preview", "cloudcode")
PRO = find("gemini-3.1-pro-preview", "cloudcode")
ALICE_1, ALICE_2 = Scope("alice", "alice-01"), Scope("alice", "alice-02")
BOB = Scope("bob", "bob-01")


def test_signatures_look_like_googles() -> None:
    for seed in range(50):
        signature = Signer().issue(FLASH, ALICE_1, str(seed))
        assert 156 <= len(signature) <= 1936
        assert signature.startswith("E")
        base64.b64decode(signature, validate=True)


def test_equal_seeds_give_equal_signatures() -> None:
    one, other = Signer(), Signer()
    assert one.issue(FLASH, BOB, "1") == other.issue(FLASH, BOB, "1")
    assert one.issue(FLASH, BOB, "1") != one.issue(FLASH, BOB, "2")


@pytest.mark.parametrize(
    ("binding", "same_account", "other_account"),
    [("account", True, False), ("project", False, False), ("model", True, True)],
)
def test_a_signature_is_good_for_what_it_is_bound_to(
    binding: Binding, same_account: bool, other_account: bool
) -> None:
    signer = Signer(binding=binding)
    signature = signer.issue(FLASH, ALICE_1, "seed")
    assert signer.knows(signature, FLASH, ALICE_1)
    assert signer.knows(signature, PREVIEW, ALICE_1), "the same family"
    assert not signer.knows(signature, PRO, ALICE_1)
    assert signer.knows(signature, FLASH, ALICE_2) is same_account
    assert signer.knows(signature, FLASH, BOB) is other_account


def test_a_damaged_or_invented_signature_is_not_known() -> None:
    signer = Signer()
    signature = signer.issue(FLASH, BOB, "seed")
    other = "A" if signature[80] != "A" else "B"
    damaged = signature[:80] + other + signature[81:]
    for wrong in (damaged, signature[:-8], "", "sig", "not base64 !", "x" * 200):
        assert not signer.knows(wrong, FLASH, BOB)
    assert not Signer(b"another key").knows(signature, FLASH, BOB)


def test_the_url_safe_alphabet_is_read_too() -> None:
    signer = Signer()
    signature = signer.issue(FLASH, BOB, "seed")
    assert signer.knows(signature.replace("+", "-").replace("/", "_"), FLASH, BOB)


def test_a_signature_is_worth_most_on_its_own_call() -> None:
    signer, made = Signer(), {"name": "f", "args": {"n": 5, "deep": [{"x": 1.0}]}}
    signature = signer.issue(FLASH, BOB, "seed", made)
    assert signer.worth(signature, FLASH, BOB, made) == "real"
    assert signer.worth(signature, FLASH, BOB, {"name": "f"}) == "real"
    assert signer.worth(signature, FLASH, BOB, {"name": "g"}) == "stale"
    assert signer.worth(signature, FLASH, BOB) == "stale"
    assert signer.worth(signature, FLASH, ALICE_1, made) == "foreign"
    assert signer.worth("c2ln", FLASH, BOB, made) == "foreign"
    assert signer.worth(BYPASSES[0], FLASH, BOB, made) == "bypass"


def test_a_signature_may_cover_the_arguments_too() -> None:
    signer, made = (
        Signer(cover="arguments"),
        {"name": "f", "args": {"n": 5.0, "l": [1]}},
    )
    signature = signer.issue(FLASH, BOB, "seed", made)
    same = {"name": "f", "args": {"l": [1.0], "n": 5}}
    assert signer.worth(signature, FLASH, BOB, same) == "real"
    other = {"name": "f", "args": {"l": [1], "n": 6}}
    assert signer.worth(signature, FLASH, BOB, other) == "stale"


@pytest.mark.parametrize("value", BYPASSES)
def test_both_bypass_values_pass_plain_or_encoded(value: str) -> None:
    encoded = base64.b64encode(value.encode()).decode()
    for shown in (value, encoded, encoded.rstrip("=")):
        assert Signer().knows(shown, FLASH, BOB)
