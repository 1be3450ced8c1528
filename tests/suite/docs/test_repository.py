"""What surrounds the code: locks, hooks, forms and owners, each held to what it speaks of."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml
from harness import ROOT

from gates.config.stages import STAGES

PIN = re.compile(r"^([\w.-]+)(?:\[[\w,]+\])?==([^\s;]+)", re.MULTILINE)


def pins(file: Path) -> set[tuple[str, str]]:
    return {
        (name.lower().replace("_", "-"), version)
        for name, version in PIN.findall(file.read_text(encoding="utf-8"))
    }


@pytest.mark.parametrize("name", ["gates", "local", "dev", "uv"])
def test_what_is_pinned_is_locked(name: str) -> None:
    asked = pins(ROOT / f"requirements/{name}.in")
    assert asked
    assert asked <= pins(ROOT / f"requirements/{name}.txt"), "run `make lock`"


def test_every_python_that_is_supported_is_tested() -> None:
    workflow = yaml.safe_load((ROOT / ".github/workflows/tests.yml").read_text(encoding="utf-8"))
    tested = workflow["jobs"]["tests"]["strategy"]["matrix"]["python"]
    with (ROOT / "pyproject.toml").open("rb") as file:
        assert tomllib.load(file)["project"]["requires-python"] == f">={tested[0]}"
    minors = [int(version.removeprefix("3.")) for version in tested]
    assert minors == list(range(minors[0], minors[-1] + 1))


def test_the_hooks_run_targets_of_make_and_fetch_nothing() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    assert [each["repo"] for each in hooks["repos"]] == ["local"]
    entries = [hook["entry"].split() for each in hooks["repos"] for hook in each["hooks"]]
    script = (ROOT / ".ci/run").read_text(encoding="utf-8")
    assert entries
    for entry in entries:
        assert f"\n  {' '.join(entry)}\n" in script


def test_what_decides_a_go_has_owners() -> None:
    owned = re.findall(
        r"^/(\S+) +@\S+$", (ROOT / ".github/CODEOWNERS").read_text(encoding="utf-8"), re.MULTILINE
    )
    stages = {f"tests/{stage}/" for stage in STAGES}
    assert {"gates.toml", "waivers.toml", "sql/"} | stages <= set(owned)
    # waivers.toml is there where somebody waives something.
    assert all((ROOT / path).exists() for path in set(owned) - {"waivers.toml"})


def test_the_licence_is_the_one_that_is_named() -> None:
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert text.split()[:4] == ["Apache", "License", "Version", "2.0,"]
    assert "END OF TERMS AND CONDITIONS" in text
