"""As production is set up: two databases on one server, the master key as a secret."""

import json
import os
import secrets
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from kit.storage.database import Database
from models.cases import every_reference
from tests.support.clerk import Clerk
from tests.support.servers import KEYS, Postgres
from tests.support.starter import STARTER


@pytest.fixture(scope="module")
def server(postgres: Postgres) -> Postgres:
    for name in ("production", "production_keys", "lonely"):
        postgres.run(f"create database {name}")
    return postgres


def run(server: Postgres, name: str, *words: str, **env: str) -> tuple[int, Any]:
    kept = {key: os.environ[key] for key in ("PATH", "HOME") if key in os.environ}
    env = {"ABOUTIR_DATABASE_URL": server.url(name), "LANG": "C.UTF-8", **env}
    ended = subprocess.run([*STARTER, *words, "--json"], capture_output=True, text=True, env=kept | env, check=False)
    return ended.returncode, json.loads(ended.stdout)


def test_migrate_makes_both_databases_and_a_secret_opens_the_keys(server: Postgres) -> None:
    assert run(server, "production", "migrate")[1]["changed"] is True
    assert run(server, "production", "migrate")[1]["changed"] is False
    secret = {"ABOUTIR_MASTER_KEY": secrets.token_hex(32)}
    assert run(server, "production", "keys", "rotate", **secret)[1]["wrapped"] == 0
    assert run(server, "production", "find", "--name", "x", **secret)[1]["error"]["code"] == "no_such_account"
    account = ("add-account", "accueil", "--role", "CASE_WORKER", "--organisation", "acces-droit-mel")
    assert run(server, "production", *account)[0] == 0
    assert run(server, "production", "find", "--name", "x", **secret)[1]["total"] == 0
    # The keys of the installation are wrapped by that secret: another does not open them, two lines do.
    other = {"ABOUTIR_MASTER_KEY": secrets.token_hex(32)}
    code, said = run(server, "production", "find", "--name", "x", **other)
    assert (code, said["error"]["code"]) == (4, "master_key_absent")
    both = {"ABOUTIR_MASTER_KEY": secret["ABOUTIR_MASTER_KEY"] + "\n" + other["ABOUTIR_MASTER_KEY"]}
    assert run(server, "production", "keys", "rotate", **both)[1]["wrapped"] == 2
    assert run(server, "production", "find", "--name", "x", **other)[1]["total"] == 0
    assert run(server, "production", "keys", "forget", **other)[1]["error"]["code"] == "master_key_elsewhere"


def test_the_folder_of_the_workers_environment_does_not_hide_its_database(server: Postgres, tmp_path: Path) -> None:
    """`docker compose exec worker python starter.py ...` finds both set: one holds the book, the other histories."""
    run(server, "production", "migrate")
    assert run(server, "production", "accounts", ABOUTIR_DATA=str(tmp_path))[0] == 0
    code, said = run(server, "production", "accounts", "--data", str(tmp_path))
    assert (code, said["error"]["code"]) == (4, "no_stack")  # what is typed is meant


def test_without_a_database_for_keys_it_is_said(server: Postgres) -> None:
    code, said = run(server, "lonely", "migrate")
    assert (code, said["error"]["code"]) == (4, "keys_away")


def test_without_a_master_key_it_is_said(server: Postgres) -> None:
    code, said = run(server, "production", "keys", "rotate")
    assert (code, said["error"]["code"]) == (4, "master_key_missing")


def test_the_keys_of_openings_that_came_to_nothing_are_told_from_the_others(database: Database) -> None:
    clerk = Clerk(database)
    opened = clerk.open()
    with database.read() as tx:
        known = every_reference(tx)
    assert known == {opened}
    left = KEYS.mint("ZZZZ-ZZZZ-ZZZZ").name
    found = KEYS.living(datetime.now(UTC) + timedelta(seconds=1)) - known
    assert left in found and opened not in found
    assert not {left, opened} & KEYS.living(datetime.now(UTC) - timedelta(days=1))
