"""The gates that an operator names, for commands that are about one."""

from difflib import get_close_matches

from gates.config.gate import Gate, renamed
from gates.config.schema import ConfigError
from gates.config.settings import Settings
from gates.text import one_line


def gates_named(name: str, settings: Settings) -> list[Gate]:
    """The gate with this id, or the gates of all columns of an entry.

    Raises ConfigError for what is no gate.
    """
    found = [gate for gate in settings.every_gate() if name in (gate.id, gate.id.split("[")[0])]
    if not found:
        close = get_close_matches(name, settings.gates, n=3, cutoff=0.5)
        hint = f"the closest are {', '.join(close)}" if close else "gates.toml has their names"
        if now := renamed(name):
            hint = f"it is called {now} now"
        raise ConfigError(f"{one_line(repr(name))} is not a gate; set GATE to one, {hint}.")
    return found
