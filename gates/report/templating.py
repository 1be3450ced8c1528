"""Templates of gates/report/templates/, compiled once: kept as Python keeps what it compiles.

Compiling a page's template takes longer than filling it, and it seldom changes. What is kept is
believed only for the same text of the template, which jinja2 sees to.
"""

from contextlib import suppress
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

from jinja2 import Environment, FileSystemBytecodeCache, FileSystemLoader, StrictUndefined
from jinja2.bccache import Bucket

TEMPLATES = Path(__file__).parent / "templates"
COMPILED = TEMPLATES / "__pycache__"


class _Kept(FileSystemBytecodeCache):
    def load_bytecode(self, bucket: Bucket) -> None:
        """Take what was kept, if it is whole."""
        try:
            super().load_bytecode(bucket)
        except (OSError, EOFError, ValueError, TypeError, UnpicklingError):
            bucket.reset()

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep it; a folder that cannot be written costs time and nothing else."""
        with suppress(OSError):
            Path(self.directory).mkdir(exist_ok=True)
            super().dump_bytecode(bucket)


def environment(**options: Any) -> Environment:
    """An environment over the templates, in which a name that is missing is an error."""
    return Environment(  # noqa: S701 - `autoescape` is among the options, which each caller names
        loader=FileSystemLoader(TEMPLATES),
        bytecode_cache=_Kept(str(COMPILED)),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        **options,
    )
