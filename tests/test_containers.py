"""The image and the compose file, read closely, since tests have no container engine to run them with."""

import json
import re
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.specifiers import SpecifierSet

from orchestrator.settings import Settings, environment_name

pytestmark = pytest.mark.unit

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SETTINGS = {environment_name(field) for field in Settings.model_fields}
INSTRUCTIONS = {
    *("ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL"),
    *("RUN", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR"),
}


def dockerfile() -> list[tuple[str, str]]:
    """Every instruction with its arguments, continued lines joined and comments left out."""
    lines = [line for line in (ROOT / "Dockerfile").read_text().splitlines() if not line.startswith("#")]
    joined = "\n".join(lines).replace("\\\n", " ")
    return [
        (word, rest.strip())
        for word, _, rest in (line.partition(" ") for line in joined.splitlines())
        if word
    ]


def last_stage() -> list[tuple[str, str]]:
    steps = dockerfile()
    last = max(number for number, (word, _) in enumerate(steps) if word == "FROM")
    return steps[last:]


def image_environment() -> dict[str, str]:
    pairs = " ".join(rest for word, rest in last_stage() if word == "ENV").split()
    return dict(pair.split("=", 1) for pair in pairs)


def copied_from_here() -> list[str]:
    copies = [rest.split() for word, rest in dockerfile() if word == "COPY"]
    return [source for words in copies if not words[0].startswith("--from=") for source in words[:-1]]


def test_every_instruction_is_one_that_docker_knows() -> None:
    assert {word for word, _ in dockerfile()} <= INSTRUCTIONS


def test_what_is_copied_exists_and_is_sent_to_the_builder() -> None:
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    for source in copied_from_here():
        assert (ROOT / source).exists(), source
        assert source in allowed, f"{source} is left out by .dockerignore"
    assert allowed == set(copied_from_here())


def test_all_that_the_wheel_and_the_application_need_is_copied() -> None:
    needed = {"orchestrator", "migrations", "agents", "tools", PROJECT["readme"], *PROJECT["license-files"]}
    assert needed <= set(copied_from_here())


def test_copies_between_stages_name_a_stage() -> None:
    stages = {rest.split()[-1] for word, rest in dockerfile() if word == "FROM" and " AS " in rest}
    used = {
        rest.split()[0].removeprefix("--from=") for word, rest in dockerfile() if rest.startswith("--from=")
    }
    assert used == stages


def test_the_images_python_is_one_that_the_project_supports() -> None:
    bases = [rest.split()[0] for word, rest in dockerfile() if word == "FROM"]
    assert len(set(bases)) == 1, "one Python in all stages: the environment is copied between them"
    version = re.fullmatch(r"python:([\d.]+)-slim", bases[0])
    assert version is not None
    assert version.group(1) in SpecifierSet(PROJECT["requires-python"])


def test_packages_are_installed_from_the_lock_with_their_hashes() -> None:
    installs = [
        command
        for word, rest in dockerfile()
        if word == "RUN"
        for command in rest.split("&&")
        if "pip install" in command
    ]
    assert [("--require-hashes -r requirements.lock" in each, "--no-deps" in each) for each in installs] == [
        (True, False),
        (False, True),
    ]


def test_the_service_does_not_run_as_root() -> None:
    user = [rest for word, rest in last_stage() if word == "USER"]
    made = [rest for word, rest in last_stage() if word == "RUN" and "useradd" in rest]
    assert len(user) == 1
    assert user[0] not in {"root", "0"}
    assert made[0].endswith(f" {user[0]}")
    words = [word for word, _ in last_stage()]
    assert words.index("USER") < words.index("ENTRYPOINT")


def test_the_image_starts_our_command_and_checks_its_health() -> None:
    steps = dict(last_stage())
    assert json.loads(steps["ENTRYPOINT"])[0] in PROJECT["scripts"]
    assert json.loads(steps["CMD"]) == ["serve"]
    port = image_environment()["ORCHESTRATOR_PORT"]
    options, check = steps["HEALTHCHECK"].split("CMD", 1)
    assert f"http://127.0.0.1:{port}/healthz" in json.loads(check)[-1]
    assert {"--interval", "--timeout", "--start-period", "--retries"} == set(
        re.findall(r"--[a-z-]+", options)
    )
    assert steps["EXPOSE"].split() == [f"{port}/tcp", f"{port}/udp"]
    compile(json.loads(check)[-1], "health check", "exec")


def test_the_image_sets_settings_that_exist_and_finds_the_application() -> None:
    environment = image_environment()
    assert {name for name in environment if name.startswith("ORCHESTRATOR_")} <= SETTINGS
    steps = dict(last_stage())
    assert environment["PYTHONPATH"] == steps["WORKDIR"]
    assert environment["ORCHESTRATOR_DATA_DIR"].startswith(steps["VOLUME"] + "/")


def test_compose_has_a_postgres_and_the_service_and_both_tell_their_health() -> None:
    assert set(COMPOSE["services"]) == {"postgres", "orchestrator"}
    for service in COMPOSE["services"].values():
        health = service["healthcheck"]
        assert health["test"][0] in {"CMD", "CMD-SHELL"}
        assert {"interval", "timeout", "retries"} <= set(health)
        assert ("build" in service) != ("image" in service)
    check = COMPOSE["services"]["orchestrator"]["healthcheck"]["test"]
    assert "/readyz" in check[-1]
    compile(check[-1], "health check", "exec")


def test_the_service_waits_for_a_healthy_postgres_and_is_given_its_address() -> None:
    service, postgres = COMPOSE["services"]["orchestrator"], COMPOSE["services"]["postgres"]
    assert service["depends_on"] == {"postgres": {"condition": "service_healthy"}}
    database = postgres["environment"]
    url = service["environment"]["DATABASE_URL"]
    password = database["POSTGRES_PASSWORD"]
    assert (
        url == f"postgresql://{database['POSTGRES_USER']}:{password}@postgres:5432/{database['POSTGRES_DB']}"
    )
    assert (ROOT / service["build"] / "Dockerfile").exists()


def test_compose_sets_settings_that_exist_and_leaves_no_default_secret() -> None:
    environment = COMPOSE["services"]["orchestrator"]["environment"]
    assert set(environment) <= SETTINGS
    assert environment["ORCHESTRATOR_ADMIN_KEY"].startswith("${ORCHESTRATOR_ADMIN_KEY:?")
    assert COMPOSE["services"]["postgres"]["environment"]["POSTGRES_PASSWORD"].startswith(
        "${POSTGRES_PASSWORD:?"
    )


def test_both_ports_are_published_on_loopback_unless_told_otherwise() -> None:
    environment = COMPOSE["services"]["orchestrator"]["environment"]
    assert COMPOSE["services"]["orchestrator"]["ports"] == [
        f"${{PUBLISH_ADDRESS:-127.0.0.1}}:{environment['ORCHESTRATOR_PORT']}:{environment['ORCHESTRATOR_PORT']}/tcp",
        f"${{PUBLISH_ADDRESS:-127.0.0.1}}:{environment['ORCHESTRATOR_UDP_PORT']}:{environment['ORCHESTRATOR_UDP_PORT']}/udp",
    ]


def test_every_volume_is_declared_and_kept_where_the_image_keeps_data() -> None:
    used = {volume.split(":")[0] for service in COMPOSE["services"].values() for volume in service["volumes"]}
    assert used == set(COMPOSE["volumes"])
    assert COMPOSE["services"]["orchestrator"]["volumes"] == [f"data:{dict(last_stage())['VOLUME']}"]
