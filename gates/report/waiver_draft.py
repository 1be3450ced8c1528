"""A draft of waivers.toml from verdicts: what does not hold, with the measured value as its limit.

As it stands the reader of waivers.toml refuses it: who approves an entry and until when is for a
person to say.
"""

import json
from collections.abc import Iterator, Sequence
from datetime import date

from gates.config import limits
from gates.decide.reason import Code
from gates.decide.status import Status
from gates.decide.verdict import Verdict
from gates.text import one_line

# Of a sentence, in a comment.
SHOWN = 1_000
_HEAD = """\
# A draft, written by `make adopt` on {today} from what was measured on {target}.
# It is not in force, and it is refused until a person completes it: for each entry, repair what is
# behind it and delete it here, or say why it is accepted, who approves that, and until which day
# (`expires = YYYY-MM-DD`). Then move what is left into waivers.toml, beside gates.toml.
# A limit is what was measured: what gets worse fails, what gets better proposes a tighter one.
"""


def draft(verdicts: Sequence[Verdict], target: str, today: date) -> str:
    """The text of it; verdicts that hold have no part in it."""
    parts = [_HEAD.format(target=one_line(target), today=today), *_entries(verdicts)]
    parts += _listed("Not evaluated: without a value there is nothing to waive.", unknown(verdicts))
    return "\n".join(parts)


def unwaived(verdicts: Sequence[Verdict]) -> list[Verdict]:
    """Those that were measured and do not hold, and that no waiver of today covers."""
    return [each for each in verdicts if not each and each.measured is not None]


def unknown(verdicts: Sequence[Verdict]) -> list[Verdict]:
    """Those that were not evaluated."""
    return [each for each in verdicts if each.status is Status.NOT_EVALUATED]


def better(verdicts: Sequence[Verdict]) -> list[Verdict]:
    """Those that are waived and could be by a tighter limit."""
    return [each for each in verdicts if each.tighter]


def _entries(verdicts: Sequence[Verdict]) -> Iterator[str]:
    for verdict in unwaived(verdicts):
        if verdict.numerator is None:
            continue
        limit = limits.needed(verdict.gate, verdict.numerator, verdict.denominator)
        lines = [
            f"# {one_line(verdict.said, SHOWN)}",
            *_hints(verdict),
            "[[waiver]]",
            f"gate = {_text(verdict.gate.id)}",
            f"reason = {_text(_reason(verdict))}",
            'approver = ""',
            f"{limit}",
        ]
        yield "\n".join([*lines, ""])


def _hints(verdict: Verdict) -> Iterator[str]:
    if verdict.warns:
        yield "# It only warns; without a waiver it does not block."
    if verdict.reason.code in (Code.WAIVER_EXPIRED, Code.WAIVER_BROKEN):
        yield "# Put it in the place of the entry that waivers.toml has."


def _listed(title: str, verdicts: Sequence[Verdict]) -> list[str]:
    if not verdicts:
        return []
    lines = [f"#   {one_line(verdict.detail, SHOWN)}" for verdict in verdicts]
    return ["\n".join([f"# {title}", *lines, ""])]


def _reason(verdict: Verdict) -> str:
    """How its reason begins: the first failing keys, or what else was said beside the numbers."""
    return verdict.reason.note or "Known; say here why."


def _text(text: str) -> str:
    """A basic string of TOML, whose escapes are those of JSON."""
    return json.dumps(one_line(text, SHOWN), ensure_ascii=False)
