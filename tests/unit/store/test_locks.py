"""Locks over all processes."""

from __future__ import annotations

import pytest

from gswarm.errors import StoreUnavailable
from gswarm.store.connection import Store
from gswarm.store.locks import Locks


def test_only_one_holds_a_lock_until_its_block_ends(store: Store) -> None:
    locks = Locks(store)

    with locks.attempt("door", 60) as first, locks.attempt("door", 60) as second:
        assert (first, second) == (True, False)

    with locks.attempt("door", 60) as again:
        assert again


def test_a_store_that_failed_within_the_block_is_not_asked_again(store: Store) -> None:
    locks = Locks(store)

    with pytest.raises(StoreUnavailable), locks.attempt("door", 60):
        raise StoreUnavailable("It does not answer.")

    with locks.attempt("door", 60) as is_ours:
        assert not is_ours
