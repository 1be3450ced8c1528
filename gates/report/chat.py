"""A message in the shape that a chat or a file takes; what others wrote is shown, never obeyed.

Slack: https://api.slack.com/messaging/webhooks, and its escapes
https://api.slack.com/reference/surfaces/formatting#escaping. Google Chat:
https://developers.google.com/workspace/chat/format-messages. Teams: an Adaptive Card, as its
Workflows take it, https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from gates.config.routes import Shape
from gates.text import one_line

LINE_SHOWN = 1_000
# A character of no width keeps a mention, a link and Google Chat's <...> text.
_BREAK = "\u200b"
_LIVE = re.compile(r"(?<=@)|(?<=\])(?=\()|(?<=:)(?=//)")
_ADDRESS = re.compile(r"https?://\S+")


def text(lines: Sequence[str], link: str) -> str:
    """The message for a file: a line each, the link last."""
    return "\n".join([*(one_line(line, LINE_SHOWN) for line in lines), _link(link)])


def body(shape: Shape, lines: Sequence[str], link: str) -> Mapping[str, Any]:
    """The message as JSON for the chat of this shape."""
    quiet = [_LIVE.sub(_BREAK, one_line(line, LINE_SHOWN)) for line in lines]
    if shape == "teams":
        return _card(quiet, _link(link))
    escaped = _of_slack if shape == "slack" else _of_google
    return {"text": "\n".join(map(escaped, [*quiet, _link(link)]))}


def _link(link: str) -> str:
    return "".join(one_line(link, LINE_SHOWN).split())


def _of_slack(line: str) -> str:
    return line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _of_google(line: str) -> str:
    # It knows no escape: <users/all> is a mention, <address|words> a link.
    return line.replace("<", f"<{_BREAK}")


def _card(lines: Sequence[str], link: str) -> Mapping[str, Any]:
    """An Adaptive Card of runs of text, in which Teams looks for no Markdown."""
    opens = _ADDRESS.fullmatch(link) is not None
    shown = lines if opens else [*lines, link]
    content: dict[str, Any] = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.2",
        "body": [
            {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": line}]}
            for line in shown
        ],
    }
    if opens:
        content["actions"] = [{"type": "Action.OpenUrl", "title": "Open the run", "url": link}]
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "content": content}
    return {"type": "message", "attachments": [attachment]}
