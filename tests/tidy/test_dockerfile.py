"""The Dockerfile, read: no engine builds it here, so what it copies, runs and promises is checked against the tree."""

import fnmatch
import json
import re
import shlex
import tomllib
from pathlib import Path

from server.settings import Settings
from tests.tidy.sources import ROOMS, ROOT, files, text

Instruction = tuple[str, str]


def _instructions() -> list[Instruction]:
    lines = [line for line in text(Path("Dockerfile")).splitlines() if not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n\s*", " ", "\n".join(lines))
    return [(word.upper(), rest.strip()) for line in joined.splitlines() if line.strip() for word, _, rest in [line.strip().partition(" ")]]


def _stages() -> list[list[Instruction]]:
    stages: list[list[Instruction]] = []
    for word, rest in _instructions():
        if word == "FROM":
            stages.append([])
        stages[-1].append((word, rest))
    return stages


def _said(stage: list[Instruction], word: str) -> list[str]:
    return [rest for said, rest in stage if said == word]


def _environment(stage: list[Instruction]) -> dict[str, str]:
    return dict(part.split("=", 1) for rest in _said(stage, "ENV") for part in shlex.split(rest))


def test_two_stages_of_the_same_slim_image() -> None:
    bases = [rest.split(" AS ")[0] for stage in _stages() for rest in _said(stage, "FROM")]
    assert len(bases) == 2
    assert bases[0] == bases[1]
    required = tomllib.loads(text(Path("pyproject.toml")))["project"]["requires-python"].removeprefix(">=")
    assert bases[0] == f"python:{required}-slim"


def test_what_is_copied_is_there_and_not_ignored() -> None:
    build, run = _stages()
    copied = [source for rest in _said(build, "COPY") for source in rest.split()[:-1]]
    assert set(ROOMS) <= set(copied)
    assert [name for name in copied if not (ROOT / name).exists()] == []
    let_in = {line[1:] for line in text(Path(".dockerignore")).splitlines() if line.startswith("!")}
    assert let_in == set(copied)
    assert _said(run, "COPY") == ["--from=build /opt/avous /opt/avous"]


def test_secrets_and_databases_stay_outside() -> None:
    ignored = [line for line in text(Path(".dockerignore")).splitlines() if line and not line.startswith(("#", "!"))]
    assert ignored[0] == "*"
    assert any(fnmatch.fnmatch("server/avous.db", pattern) for pattern in ignored[1:])
    assert not [p for p in files() if p.suffix in {".db", ".pem", ".key"} or p.name == ".env"]


def test_everything_is_installed_by_hash() -> None:
    installs = [step for rest in _said(_stages()[0], "RUN") for step in rest.split("&&") if "pip install" in step]
    assert installs
    assert all("--require-hashes" in step or ("--no-deps" in step and "--no-index" in step) for step in installs)


def test_it_runs_as_nobody_in_particular_and_keeps_its_data() -> None:
    run = _stages()[1]
    user = _said(run, "USER")[-1]
    assert user.isdigit()
    assert int(user) > 1000
    assert f"--uid {user} " in _said(run, "RUN")[0]
    volumes = json.loads(_said(run, "VOLUME")[0])
    database = _environment(run)["AVOUS_DATABASE"].removeprefix("sqlite:///")
    assert any(database.startswith(f"{volume}/") for volume in volumes)


def test_its_variables_are_settings_and_valid() -> None:
    variables = {name: value for name, value in _environment(_stages()[1]).items() if name.startswith("AVOUS_")}
    fields = {name.removeprefix("AVOUS_").lower(): value for name, value in variables.items()}
    assert set(fields) <= set(Settings.model_fields)
    given = Settings.model_validate(fields)
    assert str(given.port) in _said(_stages()[1], "EXPOSE")
    assert given.host == "0.0.0.0"


def test_the_entry_command_exists_and_gets_the_signals() -> None:
    run = _stages()[1]
    entry, verb = json.loads(_said(run, "ENTRYPOINT")[0]), json.loads(_said(run, "CMD")[0])
    assert entry[0] in tomllib.loads(text(Path("pyproject.toml")))["project"]["scripts"]
    assert f"## `avous {verb[0]}`" in text(Path("docs/reference/cli.md"))


def test_health_is_asked_of_the_ready_page() -> None:
    words = _said(_stages()[1], "HEALTHCHECK")[0]
    command = json.loads(words.partition("CMD ")[2])
    assert command[:2] == ["python", "-c"]
    compile(command[2], "HEALTHCHECK", "exec")
    assert "/ready" in command[2]
    assert "AVOUS_PORT" in command[2]
