"""What several files of unit tests need."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from announcing import Chat, Desk, listening
from harness import ROOT


@pytest.fixture
def chat() -> Iterator[Chat]:
    """A chat on 127.0.0.1."""
    with listening() as found:
        yield found


@pytest.fixture
def desk(tmp_path: Path, chat: Chat, capsys: pytest.CaptureFixture[str]) -> Desk:
    environ = {
        "GATES_CONFIG": str(ROOT / "gates.toml"),
        "GATES_REPORTS": str(tmp_path / "reports"),
        "GATES_STATE": str(tmp_path / "state"),
        "GATES_PROFILE": "scheduled",
        "GATES_WEBHOOK": chat.webhook,
    }
    return Desk(environ, capsys)
