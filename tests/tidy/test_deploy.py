"""The examples of deploy/, read: no engine runs them here. What they name is held against the project; `tests/security` runs the proxy."""

import json
import os
import re
import shutil
import subprocess
from importlib.resources import files
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml
from jsonschema.validators import validator_for

from server.journal.migrate import migrate
from server.metrics import REGISTRY
from server.settings import Settings
from tests.postgres import Postgres
from tests.tidy.sources import ROOT, text

DEPLOY = ROOT / "deploy"
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
UNIT = (DEPLOY / "avous.service").read_text("utf-8")


def _settings(variables: dict[str, str]) -> Settings:
    filled = {name: re.sub(r"\$\{(\w+)[^}]*\}", "queue.example.org", value) for name, value in variables.items()}
    names = {name.removeprefix("AVOUS_").lower(): value for name, value in filled.items() if name.startswith("AVOUS_")}
    assert set(names) <= set(Settings.model_fields)
    return Settings.model_validate(names)


def test_the_settings_of_compose_are_ours_and_safe() -> None:
    given = _settings(COMPOSE["services"]["avous"]["environment"])
    assert given.https
    assert given.shared
    assert not given.demo
    assert given.origins == {"https://queue.example.org"}
    assert given.forwarded_allow_ips == COMPOSE["services"]["caddy"]["networks"]["outside"]["ipv4_address"]


def test_the_server_in_compose_may_do_little() -> None:
    service = COMPOSE["services"]["avous"]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert f"USER {service['user']}" in text(Path("Dockerfile"))
    assert "ports" not in service, "only the proxy is reachable"
    assert COMPOSE["networks"]["inside"]["internal"] is True
    assert "ports" not in COMPOSE["services"]["postgres"]


def test_everything_compose_names_is_there() -> None:
    volumes = {name.partition(":")[0] for service in COMPOSE["services"].values() for name in service.get("volumes", ())}
    assert {name for name in volumes if not name.startswith(".")} == set(COMPOSE["volumes"])
    assert (DEPLOY / "Caddyfile").is_file()


@pytest.mark.skipif(shutil.which("docker") is None, reason="no docker command here: compose.yaml is only read")
def test_compose_itself_reads_it() -> None:
    here = subprocess.run(["docker", "compose", "version"], capture_output=True, check=False)
    if here.returncode:
        pytest.skip("this docker has no compose")
    environment = {"POSTGRES_PASSWORD": "x", "AVOUS_HOST_NAME": "queue.example.org", "PATH": "/usr/bin:/bin:/usr/local/bin"}
    command = ["docker", "compose", "-f", str(DEPLOY / "compose.yaml"), "config", "--quiet"]
    read = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert read.returncode == 0, read.stderr


SPECIFICATION = files("check_jsonschema") / "builtin_schemas/vendor/compose-spec.json"
"""The Compose specification's own schema, as the program that checks it brings it."""


def test_compose_keeps_to_its_specification() -> None:
    schema = validator_for(rules := json.loads(SPECIFICATION.read_text("utf-8")))(rules)
    assert [error.message for error in schema.iter_errors(COMPOSE)] == []
    misspelt = json.loads(json.dumps(COMPOSE).replace("read_only", "read_onyl"))
    assert not schema.is_valid(misspelt)


def test_what_compose_names_it_has() -> None:
    for service in COMPOSE["services"].values():
        assert set(service.get("networks", ())) <= set(COMPOSE["networks"])
        assert set(service.get("depends_on", ())) <= set(COMPOSE["services"])


def test_the_proxy_passes_to_the_port_of_the_image() -> None:
    caddy = (DEPLOY / "Caddyfile").read_text("utf-8")
    port = re.search(r"AVOUS_PORT=(\d+)", text(Path("Dockerfile")))
    assert port is not None
    assert f"reverse_proxy avous:{port.group(1)}" in caddy
    assert "respond /metrics 403" in caddy
    assert caddy.count("{") == caddy.count("}")


def test_programs_are_not_led_from_http_to_https() -> None:
    caddy = (DEPLOY / "Caddyfile").read_text("utf-8")
    plain = caddy.partition("http://{$AVOUS_HOST_NAME} {")[2]
    assert "@programs path /api/* /ws/* /metrics\n\thandle @programs {\n\t\trespond 403" in plain
    assert "redir https://{$AVOUS_HOST_NAME}{uri} 308" in plain


def test_compose_has_no_password_of_its_own() -> None:
    given = {name: value for service in COMPOSE["services"].values() for name, value in service.get("environment", {}).items()}
    secrets = {name: value for name, value in given.items() if "PASSWORD" in value}
    assert len(secrets) == 3
    assert all(re.search(r"\$\{\w+_PASSWORD:\?", value) for value in secrets.values()), "one that is not set stops it"


def test_every_container_gains_no_rights() -> None:
    assert all(service["security_opt"] == ["no-new-privileges:true"] for service in COMPOSE["services"].values())


def test_the_role_of_the_server_may_do_little(postgres_server: Postgres) -> None:
    """The script that the image of PostgreSQL runs, run here with the names changed: the journal works, and nothing more is allowed."""
    script = (DEPLOY / "postgres.sh").read_text("utf-8").replace("avous", "shop")
    place = {"PGHOST": "127.0.0.1", "PGPORT": str(postgres_server.port), "PATH": f"{postgres_server.binaries}:{os.environ['PATH']}"}
    given = {**os.environ, **place, "POSTGRES_USER": "avous", "DATABASE_PASSWORD": "a'b\\c"}
    done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, env=given, check=False)
    assert done.returncode == 0, done.stderr
    url = postgres_server.address("shop").replace("avous@", "shop@")
    migrate(url)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SELECT pg_switch_wal()")
        connection.execute("CHECKPOINT")
        for forbidden in ("SELECT pg_read_file('/etc/passwd')", "COPY day TO PROGRAM 'true'", "CREATE ROLE x", "CREATE DATABASE x"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(forbidden)
    assert COMPOSE["services"]["postgres"]["command"] == ["postgres", "-c", "wal_recycle=off"]


def test_the_unit_starts_our_command_and_locks_it_in() -> None:
    assert "ExecStart=/opt/avous/bin/avous serve" in UNIT
    variables = dict(line.removeprefix("Environment=").split("=", 1) for line in UNIT.splitlines() if line.startswith("Environment="))
    assert _settings(variables).database_file == Path("/var/lib/avous/avous.db")
    for line in ("DynamicUser=yes", "ProtectSystem=strict", "NoNewPrivileges=yes", "UMask=0077", "CapabilityBoundingSet="):
        assert line in UNIT.splitlines()


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd-analyze here: the unit is only read")
def test_systemd_understands_the_unit(tmp_path: Path) -> None:
    unit = tmp_path / "avous.service"
    unit.write_text(UNIT.replace("/opt/avous/bin/avous", "/bin/true").replace("EnvironmentFile=/etc/avous/avous.env\n", ""), "utf-8")
    read = subprocess.run(["systemd-analyze", "verify", str(unit)], capture_output=True, text=True, check=False)
    ours = [line for line in read.stderr.splitlines() if "avous.service" in line]
    assert ours == [], read.stderr


def test_the_board_asks_for_metrics_there_are() -> None:
    board = json.loads((DEPLOY / "grafana.json").read_text("utf-8"))
    asked = {name for panel in board["panels"] for target in panel["targets"] for name in re.findall(r"\bavous_\w+", target["expr"])}
    known = {sample for family in REGISTRY.collect() for sample in (family.name, f"{family.name}_total", f"{family.name}_bucket")}
    assert asked <= known
    assert len(asked) > 8


def test_a_kiosks_browser_goes_nowhere_else() -> None:
    policies = json.loads((DEPLOY / "kiosk-policies.json").read_text("utf-8"))
    assert policies["URLBlocklist"] == ["*"]
    assert policies["DeveloperToolsAvailability"] == 2
    assert policies["IncognitoModeAvailability"] == 1, "forced incognito would lose the kiosk's queue of joins"
    assert all(address.startswith("https://") for address in policies["URLAllowlist"])
