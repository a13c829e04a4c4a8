"""The image holds the programs and nothing else, and runs as nobody in particular."""

import re
import subprocess
import tomllib

from tests.house.deployment import BIN, DOCKERFILE, PROJECT, ROOT, enters_the_image


def _instructions() -> list[tuple[str, str]]:
    lines = re.sub(r"\\\n", " ", re.sub(r"^#.*\n", "", DOCKERFILE, flags=re.MULTILINE)).splitlines()
    return [(word, rest.strip()) for word, _, rest in (line.partition(" ") for line in lines if line.strip())]


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
            assert all((ROOT / source).exists() and (source == "." or enters_the_image(source)) for source in sources)


def test_the_image_holds_the_programs_and_nothing_else() -> None:
    packages = {file.parent.name for file in ROOT.glob("[a-z]*/*.py")} - {"tests", "bench", "examples"}
    for program in packages | set(PROJECT["tool"]["mypy"]["files"]):
        assert enters_the_image(program if program.endswith(".py") else f"{program}/inside.py"), program
    for inside in ("LICENSE", "pyproject.toml", "migrations/versions/0001.py", "locales/fr/LC_MESSAGES/aboutir.mo"):
        assert enters_the_image(inside), inside
    for outside in (".git/config", ".env", "secrets/x", "data/aboutir.db", "tests/house/test_topology.py", "docs/x.md"):
        assert not enters_the_image(outside), outside
    assert not enters_the_image("kit/__pycache__/tables.cpython-311.pyc")


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
