"""A message on its way to a chat or into a file; what goes wrong is said without an address."""

import errno
import os
import stat
from collections.abc import Mapping, Sequence
from pathlib import Path

import requests

from gates.config.routes import Receiver
from gates.files import reason
from gates.measure.transport import PlainSession, within
from gates.report import chat

TIMEOUT_S = 10


class NotSentError(Exception):
    """What kept a message from its receiver, and what to do, in words that hold no address."""


def send(receiver: Receiver, environ: Mapping[str, str], lines: Sequence[str], link: str) -> None:
    """Post the lines to a chat, whose address `environ` holds, or add them to a file.

    Raises NotSentError.
    """
    if receiver.path is not None:
        _append(receiver.path, chat.text(lines, link))
    elif receiver.webhook is not None:
        _post(receiver, environ.get(receiver.webhook, "").strip(), lines, link)


def _post(receiver: Receiver, address: str, lines: Sequence[str], link: str) -> None:
    if not address:
        raise NotSentError(f"{receiver.webhook} is not set; set it to the chat's address")
    try:
        with within(TIMEOUT_S), PlainSession() as session:
            answer = session.post(address, json=chat.body(receiver.shape, lines, link))
    except (requests.RequestException, ValueError) as error:
        # What requests says of an error holds the address.
        raise NotSentError(f"{type(error).__name__}; correct {receiver.webhook}") from None
    if not 200 <= answer.status_code < 300:
        raise NotSentError(f"status {answer.status_code}; correct {receiver.webhook}")


def _append(file: Path, text: str) -> None:
    # A named pipe that nobody reads would be waited for, and a link may lead anywhere.
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NONBLOCK | os.O_NOFOLLOW
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(file, flags, 0o600), "w", encoding="utf-8") as opened:
            if not stat.S_ISREG(os.fstat(opened.fileno()).st_mode):
                raise OSError(errno.EINVAL, "it is not a file")
            opened.write(f"{text}\n\n")
    except OSError as error:
        raise NotSentError(f"{reason(error)}; correct `path` in gates.toml, or the file") from error
