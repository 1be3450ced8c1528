"""Where a warehouse keeps its things."""

from dataclasses import dataclass
from pathlib import Path

# The server is for this machine only.
HOST = "127.0.0.1"


class EmbeddedWarehouseError(Exception):
    """What went wrong with the embedded warehouse and what to do, in one sentence."""


@dataclass(frozen=True)
class Home:
    """The folder that holds all of a warehouse: data, first state, logs, server."""

    folder: Path

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

    @property
    def state(self) -> Path:
        """Which process serves, and where."""
        return self.folder / "warehouse.json"

    @property
    def server_log(self) -> Path:
        """What the server printed."""
        return self.folder / "warehouse.log"

    @property
    def port_file(self) -> Path:
        """Where the server writes its port; its name is also what the process is known by."""
        return self.folder / "port"
