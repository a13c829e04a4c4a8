"""The production topology keeps its promises, as far as they can be held without a container engine."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from kit.settings import Settings
from tests.house.deployment import BIN, DOCKERFILE, PROJECT, ROOT, as_it_is, enters_the_image, needs_engine
from web.settings import PageSettings

ONCE = {"temporal-schema", "temporal-namespace", "migrate", "schedules"}
OURS = {"migrate", "schedules", "worker", "desk", "web"}
SECRETS = {
    "postgres": {"postgres_superuser_password", "temporal_database_password", "aboutir_database_password",
                 "aboutir_owner_password"},
    "temporal": {"temporal_database_password"},
    "temporal-schema": {"temporal_database_password"},
    "migrate": {"aboutir_owner_password", "aboutir_database_password"},
    "schedules": {"aboutir_master_key"},
    "worker": {"aboutir_database_password", "aboutir_master_key", "aboutir_mail_password", "aboutir_seal_key"},
    "desk": {"aboutir_database_password", "aboutir_master_key"},
}  # fmt: skip
"""Every service that holds a secret, with what it holds: another has none."""


Service = dict[str, Any]
_FIELDS = PageSettings.model_fields | Settings.model_fields


@pytest.fixture
def compose() -> dict[str, Any]:
    return as_it_is()


@pytest.fixture
def services(compose: dict[str, Any]) -> dict[str, Service]:
    listed: dict[str, Service] = compose["services"]
    return listed


def _files_mounted(service: Service) -> list[str]:
    return [volume.split(":")[0] for volume in service.get("volumes", []) if volume.startswith(".")]


def _volumes_mounted(service: Service) -> list[str]:
    return [volume.split(":")[0] for volume in service.get("volumes", []) if not volume.startswith(".")]


# --- The services ---------------------------------------------------------------------------------


def test_the_services_are_those_that_the_documentation_lists(services: dict[str, Service]) -> None:
    listed = set(re.findall(r"^\| `([a-z-]+)` \|", (ROOT / "docs" / "production.md").read_text(), re.MULTILINE))
    assert set(services) == listed


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
        assert service.get("user") == ("10002:10001" if name == "web" else None), "the web is another user of it"
        assert "privileged" not in service


def test_volumes_are_named_and_every_mounted_file_exists(compose: dict[str, Any]) -> None:
    mounted = {volume for service in compose["services"].values() for volume in _volumes_mounted(service)}
    assert mounted == set(compose["volumes"])
    for service in compose["services"].values():
        assert all((ROOT / file).is_file() for file in _files_mounted(service))
        assert all(volume.endswith(":ro") for volume in service.get("volumes", []) if volume.startswith("."))


def test_the_web_reaches_the_desk_and_nothing_else() -> None:
    web = as_it_is()["services"]["web"]
    assert web["networks"] == ["front"] and not web.get("secrets")
    assert web["volumes"] == ["desk:/run/aboutir:ro"]
    assert {name.removeprefix("ABOUTIR_").lower() for name in web["environment"]} <= PageSettings.model_fields.keys()
    assert set(web["depends_on"]) == {"desk"}


# --- Secrets and settings -------------------------------------------------------------------------


def test_secrets_are_files_that_neither_git_nor_docker_takes(compose: dict[str, Any]) -> None:
    used = {secret for service in compose["services"].values() for secret in service.get("secrets", [])}
    assert used == set(compose["secrets"])
    for name, secret in compose["secrets"].items():
        assert secret == {"file": f"./secrets/{name}"}
        assert not enters_the_image(f"secrets/{name}")
    if (ROOT / ".git").exists():
        for name in used:
            ignored = subprocess.run(["git", "check-ignore", "--quiet", f"secrets/{name}"], cwd=ROOT, check=False)
            assert ignored.returncode == 0, "git does not ignore ./secrets"


def test_each_secret_is_where_it_is_needed_and_the_key_that_seals_with_the_sealer_alone(
    services: dict[str, Service],
) -> None:
    assert {name: set(service["secrets"]) for name, service in services.items() if service.get("secrets")} == SECRETS
    assert [name for name, secrets in SECRETS.items() if "aboutir_seal_key" in secrets] == ["worker"]


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
        (tmp_path / name).mkdir()
        for secret in services[name].get("secrets", []):
            (tmp_path / name / secret).write_text("from the file")
        given = dict(services[name]["environment"]) | dict(re.findall(r"(ABOUTIR_\w+)=(\S+)", DOCKERFILE))
        fields = {variable.removeprefix("ABOUTIR_").lower() for variable in given}
        fields |= {secret.removeprefix("aboutir_") for secret in services[name].get("secrets", [])}
        known = (
            PageSettings.model_fields.keys() | {"http_host", "http_port"} if name == "web" else Settings.model_fields
        )
        assert fields <= set(known)
        with monkeypatch.context() as environment:
            for variable, value in given.items():
                environment.setenv(variable, re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", value))  # as Compose does
            settings = Settings(_secrets_dir=tmp_path / name)
        for secret in services[name].get("secrets", []):
            assert getattr(settings, secret.removeprefix("aboutir_")).get_secret_value() == "from the file"
        if name == "web":
            continue
        assert settings.database_url == "postgresql+psycopg://aboutir@postgres:5432/aboutir"
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
    made |= {secret.removeprefix("aboutir_") for secret in as_it_is()["secrets"]}
    assert not set(Settings.model_fields) - named - made
    promised = re.findall(r"`(ABOUTIR_\w+)`", "".join(re.findall(r"^\| `ABOUTIR_.*", page, re.MULTILINE)))
    assert len(promised) > 12
    for name in promised:
        reads = "web" if name.removeprefix("ABOUTIR_").lower() not in Settings.model_fields else "worker"
        given = services[reads]["environment"][name]
        assert re.match(rf"\$\{{{name}[:}}]", given), f"{name} is not read from .env"
        if (otherwise := re.fullmatch(r"\$\{\w+:-([^}]*)\}", given)) and name not in (
            "ABOUTIR_FILES",
            "ABOUTIR_SEAL_ORIGIN",
        ):
            default = _FIELDS[name.removeprefix("ABOUTIR_").lower()].default
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
