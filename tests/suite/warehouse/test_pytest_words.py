"""Whatever words and environment make of pytest: exit status 0 and a GO of that very run, or
neither."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from harness import GatesProject, GatesRun

PARTS = 6
GATES = 9
# What an option that takes a value is given, if it is not one of its choices; "1" for others.
VALUES = {
    "-c": ["/dev/null", "pytest.ini"],
    "--config-file": ["other.ini"],
    "-k": ["success_rate", "", "not success_rate"],
    "-m": ["phase1", "", "runbook or integrity"],
    "-n": ["0", "1", "logical"],
    "-o": ["addopts=", "testpaths=tests/phase1", "python_files=nothing"],
    "--override-ini": ["python_functions=nothing"],
    "-p": [
        *("no:gates.plugin.hooks", "no:gates-controller", "no:gates", "no:terminal", "no:main"),
        *("no:python", "no:xdist", "no:junitxml", "no:pytest_html.plugin", "no:runner", "pytester"),
        *("no:fixtures", "no:unittest", "no:logging", "no:capture", "no:skipping", "cacheprovider"),
    ],
    "-r": ["A"],
    "-W": ["error", "ignore"],
    "--pythonwarnings": ["error"],
    "--basetemp": ["{elsewhere}/temp"],
    "--confcutdir": ["tests", "/"],
    "--css": ["missing.css"],
    "--debug": ["{elsewhere}/debug.log"],
    "--deselect": ["tests/phase1", "tests/phase9"],
    "--html": ["{elsewhere}/page.html"],
    "--ignore": ["tests/phase1", "tests/phase9"],
    "--ignore-glob": ["*success_rate*", "*backfill_log*"],
    "--junit-xml": ["{elsewhere}/junit.xml", "reports/phase12/decision.json"],
    "--log-file": ["reports/phase12/decision.json"],
    "--maxfail": ["1"],
    "--metadata": ["key value"],
    "--metadata-from-json": ["{}"],
    "--metadata-from-json-file": ["missing.json"],
    "--pdbcls": ["IPython:Pdb"],
    "--rootdir": ["/", "tests"],
    "--stage": ["preflight", "phase4", "phase12", "final"],
    "--tx": ["popen"],
    "--window": ["phase1=2021-10-19..2026-01-02", "phase1=2030-10-19..2030-10-20"],
}
OTHERS = [
    *("--co", "--stag=phase4", "--", "-- tests/phase1", "@words", "@missing", "--no-such-option"),
    *("tests/phase1", "tests/phase1 tests/phase2 tests/orchestrator", "--pyargs gates", "-qq"),
    *("-k success_rate -p no:gates-controller", "--version --version", "-n 2 --dist each", "-hV"),
    *("-d --tx popen", "--lf -p cacheprovider", "--ff -p cacheprovider", "-n 1 --collect-only"),
    *(
        "--cache-show -p cacheprovider",
        "--sw -p cacheprovider",
        "--noconftest -p no:gates.plugin.hooks",
    ),
    "-c other.ini --stage phase12",
]
# A file of words (@words), and configurations that load no gates, or load them and run few.
FILES = {
    "words": "--collect-only\n-q\n",
    "other.ini": "[pytest]\n"
    "addopts = -p gates.plugin.hooks --disable-plugin-autoload -k success_rate\n",
}
ENVIRONMENTS = [
    *({"PYTEST_ADDOPTS": words} for words in ("--version", "--help", "-p no:gates.plugin.hooks")),
    *({"PYTEST_ADDOPTS": words} for words in ("-k success_rate -p no:gates-controller", "--co")),
    *({"PYTEST_ADDOPTS": words} for words in ("--stage preflight", "--markers", "--setup-plan")),
    {"PYTEST_PLUGINS": "gates.plugin.hooks"},
    {"PYTEST_PLUGINS": "no.such.plugin"},
    {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
    {"PYTEST_XDIST_WORKER": "gw0", "PYTEST_XDIST_WORKER_COUNT": "1"},
    {"PYTEST_CURRENT_TEST": "x"},
    {"PYTEST_DEBUG": "1"},
    {"PYTHONOPTIMIZE": "2"},
    {"GATES_RUN_ID": "known"},
]


@dataclass(frozen=True)
class Option:
    """An option as --help shows it: `-n NUM`, `--maxfail=num`, `--color={yes,no}`, `--pdb`."""

    name: str
    value: str

    def tries(self) -> Iterator[list[str]]:
        """The option with each of its values."""
        if not self.value:
            yield [self.name]
            return
        if self.value.startswith("["):
            yield [self.name]
        choices = re.search(r"{(.*?)}", self.value)
        known = choices[1].split(",") if choices else ["1"]
        for value in VALUES.get(self.name, known):
            yield [f"{self.name}={value}"] if self.name.startswith("--") else [self.name, value]


def options_of(text: str) -> list[Option]:
    """Every option of a help text; what follows two spaces explains it."""
    found = []
    for entry in re.findall(r"^  (-\S.*?)(?:  |$)", text, re.MULTILINE):
        names = re.findall(r"(?:^|, )(--?[\w-]+)", entry)
        value = re.sub(r"(^|, )--?[\w-]+", "", entry).strip(" =")
        found += [Option(name, value) for name in names]
    return found


@pytest.fixture
def with_files(logs_alone: GatesProject) -> GatesProject:
    """The gates of logs, with the files that the words name."""
    for name, text in FILES.items():
        (logs_alone.folder / name).write_text(text, encoding="utf-8")
    return logs_alone


def tries(project: GatesProject) -> list[list[str]]:
    """Words for a run, an option or two each."""
    options = options_of(project.python("-m", "pytest", "--help").stdout)
    known = {option.name for option in options}
    # The help was understood, and what stands above is about options that there are.
    assert len(known) > 100
    assert VALUES.keys() <= known
    found = [words for option in options for words in option.tries()]
    found += [other.split() for other in OTHERS]
    elsewhere = str(project.folder.parent)
    return [[word.replace("{elsewhere}", elsewhere) for word in words] for words in found]


def wrong(project: GatesProject, run: GatesRun) -> str | None:
    """What does not fit together of a run's exit status, its record and what it left."""
    left = {path.name for path in (project.folder / "reports/phase12").iterdir()}
    if others := left - {".lock", "decision.json", "decision.md", "ctrf.json", "openlineage.json"}:
        return f"left {others}"
    if (run.status == 0) != (run.decision == "GO"):
        return f"status {run.status} and {run.decision}"
    if run.decision == "GO" and (len(run.statuses) != GATES or run.others_than_pass()):
        return f"GO over {len(run.statuses)} gates"
    return None


@pytest.mark.parametrize("part", range(PARTS))
def test_no_option_of_pytest_gives_a_status_0_without_a_go(
    with_files: GatesProject, part: int
) -> None:
    # What would be sent anywhere (--pastebin) ends at a proxy that is not there.
    environ = {f"{scheme}_proxy": "http://127.0.0.1:9" for scheme in ("http", "https")}
    found: dict[str, str | None] = {}
    gos: list[str] = []
    for words in tries(with_files)[part::PARTS]:
        run = with_files.run(*words, environ=environ)
        found[" ".join(words)] = wrong(with_files, run)
        if run.record and run.decision == "GO":
            gos.append(run.record["run_id"])
    assert {words: why for words, why in found.items() if why} == {}
    # Under some of them a run of all gates is a run of all gates.
    assert len(set(gos)) == len(gos) > 0


@pytest.mark.parametrize("environ", ENVIRONMENTS, ids=json.dumps)
def test_nor_does_an_environment_variable(
    logs_alone: GatesProject, environ: dict[str, str]
) -> None:
    logs_alone.record_file().parent.mkdir(parents=True)
    logs_alone.record_file().write_text('{"decision": "GO", "gates": []}', encoding="utf-8")
    run = logs_alone.run(environ=environ)
    assert wrong(logs_alone, run) is None


@pytest.mark.parametrize("word", ["--help", "--markers", "--fixtures", "--collect-only", "-VV"])
def test_pytest_itself_says_the_same_as_far_as_it_loads_the_gates(
    logs_alone: GatesProject, word: str
) -> None:
    done = logs_alone.python("-m", "pytest", word)
    assert done.returncode == 6
    assert "phase12 is not GO: " in done.stderr
    assert not logs_alone.record_file().exists()


def test_words_that_are_no_stage_run_nothing(logs_alone: GatesProject) -> None:
    for words in ([], ["final"], ["--help"], ["phase1"]):
        done = logs_alone.python("-m", "gates", "validate", *words)
        assert (done.returncode, done.stdout) == (4, "")
        assert "expected one of phase12, preflight, phase4" in done.stderr
