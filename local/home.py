"""Where the embedded stack keeps its things."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

# The servers are for this machine only.
HOST = "127.0.0.1"


class EmbeddedError(Exception):
    """What went wrong with the embedded stack and what to do, in one sentence."""


@dataclass(frozen=True)
class Home:
    """The folder that holds all of a warehouse: data, first state, logs, server."""

    folder: Path

    @property
    def identity(self) -> str:
        """The same for every server of this folder, and another for every other folder."""
        # Not the folder itself: records are handed on, and its name is nobody's business.
        named = hashlib.sha256(str(self.folder.resolve()).encode()).hexdigest()
        return f"embedded-{named[:12]}"

    @property
    def data(self) -> Path:
        """What the server reads and writes."""
        return self.folder / "warehouse"

    @property
    def logs(self) -> Path:
        """The orchestrator's and the jobs' logs."""
        return self.folder / "logs"

    @property
    def pristine(self) -> "Home":
        """Data and logs as they were at first."""
        return Home(self.folder / "pristine")

    @property
    def filling(self) -> "Home":
        """Where a first state is made; what lies there is never complete."""
        return Home(self.folder / "filling")

    @property
    def copying(self) -> "Home":
        """Where a copy of the first state is made before it is put back."""
        return Home(self.folder / "copying")
