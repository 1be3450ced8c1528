"""The server process of a warehouse's home."""

import os

from local.background import Background, Running
from local.home import Home


def of(home: Home) -> Background:
    """The home's server, running or not."""
    return Background(
        home.folder,
        "warehouse",
        "The embedded warehouse",
        "local.warehouse.emulator",
        restart="make warehouse-down",
        repair="run `make warehouse-reset`",
    )


def start(home: Home, project: str, *, kept: bool, port: int = 0) -> Running:
    """Start a server on the home's data and wait until it answers.

    The caller knows that none is running and that nobody else starts one.
    """
    private = home.folder / "home"
    private.mkdir(parents=True, exist_ok=True)
    words = ["--data-dir", home.data, "--project", project]
    # The server's settings are those given here, not BQEMU_... of the caller's environment.
    environ = {name: value for name, value in os.environ.items() if not name.startswith("BQEMU_")}
    return of(home).start(words, {**environ, "HOME": str(private)}, kept=kept, port=port)
