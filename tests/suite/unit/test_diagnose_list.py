"""The list of gates that do not hold, and the window in which one of them is looked at."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from builders import decided, failed, recorded, unknown
from harness import ROOT

from gates.commands import diagnose
from gates.config.schema import ConfigError
from gates.config.settings import Settings, load
from gates.config.windows import Window
from gates.report import failing_gates

NOW = datetime.now(UTC)
USAGE = "phase2.player_game_summary.usage_rate"


def test_what_is_chosen_from_the_list_is_looked_at_in_the_window_of_its_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environ = {
        "GATES_CONFIG": str(ROOT / "gates.toml"),
        "GATES_REPORTS": str(tmp_path / "reports"),
        "GATES_STATE": str(tmp_path / "state"),
    }
    season = load(environ, NOW, ["phase2=2024-11-05..2025-06-30"])
    recorded(season, "phase12", NOW, {USAGE: failed})
    asked: list[Window] = []

    def keep(_name: str, settings: Settings, _form: str) -> None:
        asked.append(settings.windows["phase2"])
        raise ConfigError("The warehouse is not what this is about.")

    monkeypatch.setattr(diagnose, "_chosen", lambda failing: failing[0].gate.id)
    monkeypatch.setattr(diagnose, "_asked", keep)
    for words in ([], ["--window", "phase2=2025-01-01..2025-01-31"]):
        with pytest.raises(ConfigError):
            diagnose.main(words, environ, NOW)
    other = load(environ, NOW, ["phase2=2025-01-01..2025-01-31"])
    assert asked == [season.windows["phase2"], other.windows["phase2"]]


@pytest.mark.parametrize("stage", ["phase12", "preflight", "phase4"])
def test_the_list_fits_a_terminal_and_names_every_gate_under_its_source(stage: str) -> None:
    settings = load({"GATES_CONFIG": str(ROOT / "gates.toml")}, NOW)
    failing = decided(settings, stage, rest=unknown).verdicts
    listed = failing_gates.screen(failing)
    # The widest id and the widest bound of all 109 gates together take two columns more.
    assert max(map(len, listed.lines())) <= 80 + 2 * (stage == "phase12")
    source, found = "", []
    for number, name, *_ in listed.rows:
        source = source if number else name
        if number:
            found.append(f"{source}.{name.partition(' ')[2]}")
    assert found == [each.gate.id for each in failing]
