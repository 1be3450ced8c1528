"""Which window a gate's rows are asked for, after a run over another one than gates.toml's."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from builders import failed, recorded
from harness import ROOT

from gates.commands import diagnose
from gates.config.schema import ConfigError
from gates.config.settings import Settings, load
from gates.config.windows import Window

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
