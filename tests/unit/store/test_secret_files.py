"""Secrets made at the first start, and kept for the next."""

from __future__ import annotations

import os
import re
import stat
import threading
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from gswarm.errors import SettingsError
from gswarm.settings import Settings
from gswarm.store.secret_files import (
    complete,
    is_admin_password,
    make_admin_password,
)


def settings_in(folder: Path, **fields: object) -> Settings:
    return Settings(data_dir=folder / "data", **fields)  # type: ignore[arg-type]


def test_missing_secrets_are_made_and_found_again(tmp_path: Path) -> None:
    first = complete(settings_in(tmp_path))

    assert first == complete(settings_in(tmp_path))
    assert len(first.session_secret[0]) >= 32
    assert Fernet(first.encryption_key[0])


def test_secrets_that_were_set_are_kept_nowhere(tmp_path: Path) -> None:
    key = Fernet.generate_key().decode()
    settings = settings_in(tmp_path, session_secret=("set",), encryption_key=(key,))

    assert complete(settings) == settings
    assert not (tmp_path / "data").exists()


def test_secret_files_are_for_their_owner_alone(tmp_path: Path) -> None:
    complete(settings_in(tmp_path))
    make_admin_password(settings_in(tmp_path))

    modes = {
        path.name: stat.S_IMODE(path.stat().st_mode)
        for path in (tmp_path / "data").iterdir()
    }

    assert modes == {
        "session-secret": 0o600,
        "encryption-key": 0o600,
        "admin-password": 0o600,
    }


def test_processes_that_start_at_once_agree(tmp_path: Path) -> None:
    found: list[Settings] = []
    threads = [
        threading.Thread(target=lambda: found.append(complete(settings_in(tmp_path))))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(found) == 8
    assert len({each.encryption_key for each in found}) == 1
    assert len(list((tmp_path / "data").iterdir())) == 2


def test_the_admin_password_is_told_once_and_kept_hashed(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)

    password = make_admin_password(settings)

    assert password
    assert make_admin_password(settings) is None
    kept = (tmp_path / "data" / "admin-password").read_text()
    assert re.fullmatch(r"scrypt\$[0-9a-f]{32}\$[0-9a-f]{128}", kept)
    assert is_admin_password(settings, password)
    assert not is_admin_password(settings, password + "x")
    assert not is_admin_password(settings, "")


def test_an_admin_password_that_was_set_wins(tmp_path: Path) -> None:
    made = make_admin_password(settings_in(tmp_path)) or ""
    settings = settings_in(tmp_path, admin_password="chosen")

    assert make_admin_password(settings) is None
    assert is_admin_password(settings, "chosen")
    assert not is_admin_password(settings, made)


def test_without_any_password_nobody_gets_in(tmp_path: Path) -> None:
    assert not is_admin_password(settings_in(tmp_path), "")


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file, not a folder")

    with pytest.raises(SettingsError) as raised:
        complete(settings_in(tmp_path))

    assert str(tmp_path / "data") in str(raised.value)
    assert os.linesep not in str(raised.value)
