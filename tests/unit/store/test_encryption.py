import pytest
from cryptography.fernet import Fernet

from gswarm.errors import SettingsError
from gswarm.store import names
from gswarm.store.encryption import Seal, claim_keys

VARIABLE = "GSWARM_ENCRYPTION_KEY"
OLD, NEW, FOREIGN = (Fernet.generate_key().decode() for _ in range(3))


def test_a_foreign_seal_names_the_variable_and_no_secret() -> None:
    with pytest.raises(SettingsError, match=VARIABLE) as raised:
        Seal([NEW]).open(Seal([OLD]).seal("hush"))
    assert OLD not in str(raised.value) and NEW not in str(raised.value)


def test_machines_with_the_same_key_start(store) -> None:
    claim_keys(store, VARIABLE, [OLD])
    claim_keys(store, VARIABLE, [OLD])


def test_a_machine_with_another_key_does_not_start(store) -> None:
    claim_keys(store, VARIABLE, [OLD])
    with pytest.raises(SettingsError, match=f"{VARIABLE} differs.* To change it"):
        claim_keys(store, VARIABLE, [FOREIGN])


def test_a_key_is_rotated_by_putting_the_new_one_first(store) -> None:
    claim_keys(store, VARIABLE, [OLD])
    claim_keys(store, VARIABLE, [NEW, OLD])
    claim_keys(store, VARIABLE, [NEW])
    with pytest.raises(SettingsError):
        claim_keys(store, VARIABLE, [OLD])


def test_each_secret_has_its_own_fingerprint(store) -> None:
    claim_keys(store, VARIABLE, [OLD])
    claim_keys(store, "SESSION_SECRET", [OLD])
    prints = store.hgetall(names.KEYRING)
    assert len(set(prints.values())) == 2
    assert OLD not in str(prints)
