"""Every key of the store, spelled once. Types and owners stand beside each."""

from __future__ import annotations

# Accounts and projects -------------------------------------------------------

ACCOUNTS = "gswarm:accounts"
"""Set of e-mails (or names, for API-key accounts). accounts.py"""

PROJECTS = "gswarm:projects"
"""Hash, project id -> JSON catalogue entry. projects.py"""


def account(email: str) -> str:
    """Hash: what is known of an account, without its credential. accounts.py"""
    return f"gswarm:account:{email}"


def credential(email: str) -> str:
    """Hash: credential fields, the secret ones encrypted. accounts.py"""
    return f"oauth-tokens:{email}"


def project_status(project_id: str) -> str:
    """Hash: the project over all models. pool, projects.py"""
    return f"project-status:{project_id}"


def pair_status(project_id: str, model: str) -> str:
    """Hash: the project for one model. pool, projects.py"""
    return f"project-status:{project_id}:{model}"


# The pool --------------------------------------------------------------------

POOL = "gswarm:pool:"
"""Prefix of the pool's indexes; lua/pool.lua spells the rest. pool"""

WORKERS = "gswarm:workers"
"""Sorted set, worker -> end of its lease in ms. leases.py"""


def held(worker: str) -> str:
    """Hash, reservation -> count: what a worker must give back. leases.py"""
    return f"gswarm:held:{worker}"


# Everything else -------------------------------------------------------------

CONFIG = "gswarm:config"
"""Hash: ``version`` and ``json``. config.py"""

KEYRING = "gswarm:keyring"
"""Hash, purpose -> fingerprint of the secret every machine must share. sealing.py"""
