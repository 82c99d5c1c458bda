"""Escaping of untrusted text: a type, so that it cannot be forgotten.

Stop reasons, image names, tags, role names and everything else that AWS or a person says may hold mentions, disguised
links or text that reorders itself on the screen. Only the functions of this module make a `Mrkdwn` or a `Plain`, and
only those reach a text object.
Slack: https://docs.slack.dev/messaging/formatting-message-text/
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

LONGEST_VALUE = 600
"""UTF-16 units of one untrusted value in a sentence, after escaping."""

_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_TABLE = str.maketrans(_ENTITIES)
_ENTITY = re.compile("[&<>]")
_BACKTICK = "ˋ"
_FENCE = re.compile("`{3,}")
_FENCES = "```\n\n```"
_JOINER = "⁠"
_LOUD = re.compile(r"@(?=(?:channel|here|everyone|group)\b)", re.IGNORECASE)
_EMOJI = re.compile(r":(?=(?:100|1234|[a-z0-9_+'-]*[a-z+-][a-z0-9_+'-]*):)", re.IGNORECASE)
_IDS = re.compile(
    r"arn:aws[a-z-]*:[^\s'\"<>,;()]*[^\s'\"<>,;().:]"
    r"|\d{12}\.dkr[.-]ecr\.[^\s'\"<>,;()]*[^\s'\"<>,;().:]"
    r"|sha256:[0-9a-f]{8,64}"
    r"|\b(?:subnet|rtb|sg|acl|nat|igw|eigw|vpce|vpc|eni|dopt|pl|tgw|pcx|i)-(?:[0-9a-f]{17}|[0-9a-f]{8})\b"
)
"""What people copy out of a sentence, and what must not turn into an emoji (`:aws:`): shown as code."""

_KEY = object()


class Mrkdwn(str):
    """Text that is safe in Slack's mrkdwn. Made by the functions of this module only."""

    __slots__ = ()

    def __new__(cls, text: str, key: object) -> Mrkdwn:
        if key is not _KEY:
            raise TypeError("Mrkdwn is made by escape(), code(), fmt() and the like")
        return super().__new__(cls, text)


class Plain(str):
    """Text that is safe in a plain_text object. Made by `plain` only."""

    __slots__ = ()

    def __new__(cls, text: str, key: object) -> Plain:
        if key is not _KEY:
            raise TypeError("Plain is made by plain()")
        return super().__new__(cls, text)


_OF_AN_ADDRESS = ":/?#[]@!$'()*+,;=%~"
"""What stands in an address as it is. https://www.rfc-editor.org/rfc/rfc3986#section-2.2, without what ends a link of Slack's."""


def units(text: str) -> int:
    """The length of a text as Slack's clients count it: in UTF-16 units."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


class _Harmless(dict[int, str]):
    """What each character is shown as, found out when it is first met; remembered of the 65,536 usual ones."""

    def __missing__(self, code: int) -> str:
        harmful = unicodedata.category(chr(code)) in ("Cc", "Cf", "Cs", "Co", "Cn")
        shown = "" if harmful else chr(code)
        if code < 0x10000:
            self[code] = shown
        return shown


_HARMLESS = _Harmless(dict.fromkeys(map(ord, "\n\r\u2028\u2029"), "\n") | {ord("\t"): " "})


def _clean(text: str) -> str:
    """Without control, bidirectional, invisible and broken characters; line ends are plain."""
    if text.isascii() and text.replace("\n", "").isprintable():
        return text
    return text.replace("\r\n", "\n").translate(_HARMLESS)


def _capped(text: str, limit: int, *, entities: bool) -> str:
    """The text escaped and, where it is too long, cut before the limit with an ellipsis; no entity is cut."""
    whole = text.translate(_TABLE) if entities else text
    if units(whole) <= limit:
        return whole
    head = text[: max(limit, 0)]
    if head and head.isascii() and not (entities and _ENTITY.search(head)):
        return head[:-1] + "…"
    kept: list[str] = []
    used = 0
    for place, character in enumerate(text):
        piece = _ENTITIES.get(character, character) if entities else character
        size = units(piece)
        last = place == len(text) - 1
        if used + size > limit - (0 if last else 1):
            return "".join(kept) + "…"
        kept.append(piece)
        used += size
    return "".join(kept)


def escape(text: str, limit: int = LONGEST_VALUE) -> Mrkdwn:
    """Untrusted text for the middle of a line: harmless, on one line and at most `limit` long."""
    line = " ".join(_clean(text).replace("`", _BACKTICK).split())
    line = _LOUD.sub("@" + _JOINER, line)
    line = _EMOJI.sub(":" + _JOINER, line)
    return Mrkdwn(_capped(line, limit, entities=True), _KEY)


def code(text: str, limit: int = LONGEST_VALUE) -> Mrkdwn:
    """Untrusted text as inline code, exactly as it must be typed where that is possible."""
    line = " ".join(_clean(text).replace("`", _BACKTICK).split())
    if not line:
        return Mrkdwn("(empty)", _KEY)
    return Mrkdwn(f"`{_capped(line, limit - 2, entities=True)}`", _KEY)


def code_block(text: str, limit: int = 2800) -> Mrkdwn:
    """Untrusted text as a block of code. A text that is too long is cut after a whole line and says how much is left."""
    rows = _code_lines(text)
    kept: list[str] = []
    used = len(_FENCES)
    for place, row in enumerate(rows):
        shown = _capped(row, limit, entities=True)
        left = f"… {len(rows) - place} more lines"
        if used + units(shown) + 1 + (0 if place == len(rows) - 1 else len(left)) > limit:
            kept.append(left if kept else _capped(row, limit - used - 1, entities=True))
            break
        kept.append(shown)
        used += units(shown) + 1
    return _fenced(kept)


def code_blocks(text: str, limit: int, most: int) -> tuple[Mrkdwn, ...] | None:
    """Untrusted text as a few blocks of code, whole; `None` where it does not fit. A command must never be cut."""
    blocks: list[list[str]] = [[]]
    used = len(_FENCES)
    for row in _code_lines(text):
        shown = _capped(row, 10 * limit, entities=True)
        size = units(shown) + 1
        if size + len(_FENCES) > limit:
            return None
        if used + size > limit:
            blocks.append([])
            used = len(_FENCES)
        blocks[-1].append(shown)
        used += size
    return tuple(_fenced(rows) for rows in blocks) if len(blocks) <= most else None


def _code_lines(text: str) -> list[str]:
    """The lines of a text. Single backticks are data (JMESPath has them); three in a row would end the block."""
    return _FENCE.sub(lambda run: _BACKTICK * len(run[0]), _clean(text)).strip("\n").split("\n")


def _fenced(rows: Iterable[str]) -> Mrkdwn:
    return Mrkdwn("```\n" + "\n".join(rows) + "\n```", _KEY)


def prose(text: str, limit: int = LONGEST_VALUE) -> Mrkdwn:
    """An untrusted sentence in which ARNs, ids and image references stand as code."""
    line = " ".join(_clean(text).split())
    pieces: list[Mrkdwn] = []
    done = used = 0
    for match in _IDS.finditer(line):
        for piece, make in ((line[done : match.start()], _escape_part), (match[0], code)):
            shown = make(piece, limit)
            if used + units(shown) > limit:
                rest = _escape_part(line[done if make is _escape_part else match.start() :], limit - used)
                return Mrkdwn("".join((*pieces, rest)), _KEY)
            pieces.append(shown)
            used += units(shown)
        done = match.end()
    pieces.append(_escape_part(line[done:], limit - used))
    return Mrkdwn("".join(pieces), _KEY)


def _escape_part(text: str, limit: int = LONGEST_VALUE) -> Mrkdwn:
    """`escape` for a piece of a line: spaces at its ends stay."""
    if not text:
        return Mrkdwn("", _KEY)
    before = " " if text[0].isspace() else ""
    after = " " if text[-1].isspace() and text.strip() else ""
    return Mrkdwn(before + escape(text, limit) + after, _KEY)


def fmt(template: str, *values: str) -> Mrkdwn:
    """A template of ours with `{}` places; values that are not `Mrkdwn` yet are escaped.

    The template must be written out where it is used: a test refuses anything else.
    """
    return Mrkdwn(template.format(*(_safe(value) for value in values)), _KEY)


def join(separator: str, parts: Iterable[str]) -> Mrkdwn:
    """The parts, escaped where they are not yet, with a separator of ours between them."""
    return Mrkdwn(separator.join(_safe(part) for part in parts), _KEY)


def lines(parts: Iterable[Mrkdwn], limit: int, what: str = "more") -> Mrkdwn:
    """Lines that fit the limit; those that do not are counted in a last line, "… 3 more"."""
    every = tuple(parts)
    kept: list[Mrkdwn] = []
    used = 0
    for place, part in enumerate(every):
        note = f"… {len(every) - place} {what}"
        room = limit - (0 if place == len(every) - 1 else len(note) + 1)
        if used + units(part) + 1 > room:
            kept.append(Mrkdwn(note, _KEY))
            break
        kept.append(part)
        used += units(part) + 1
    return Mrkdwn("\n".join(kept), _KEY)


def user(user_id: str) -> Mrkdwn:
    """A mention of a person by the id that Slack gave us; any other text is only escaped."""
    if re.fullmatch(r"[UW][A-Z0-9]{1,30}", user_id):
        return Mrkdwn(f"<@{user_id}>", _KEY)
    return escape(user_id)


def page(address: str, text: str) -> Mrkdwn:
    """A link to a page of an address that is ours, with a text of anybody's."""
    return Mrkdwn(f"<{quote(address, safe=_OF_AN_ADDRESS)}|{_escape_part(text)}>", _KEY)


def moment(value: datetime) -> Mrkdwn:
    """A time that Slack shows in each reader's own time zone, with UTC as the fallback."""
    value = value if value.tzinfo else value.replace(tzinfo=UTC)
    utc = value.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
    return Mrkdwn(f"<!date^{int(value.timestamp())}^{{date_short_pretty}} {{time}}|{utc}>", _KEY)


def clock(value: datetime) -> Mrkdwn:
    """The same without the day: of something that has just happened."""
    value = value if value.tzinfo else value.replace(tzinfo=UTC)
    utc = value.astimezone(UTC).strftime("%H:%M UTC")
    return Mrkdwn(f"<!date^{int(value.timestamp())}^{{time}}|{utc}>", _KEY)


def plain(text: str, limit: int) -> Plain:
    """Untrusted text for a plain_text object, on one line. Slack does not parse it, so nothing is escaped."""
    return Plain(_capped(" ".join(_clean(text).split()), limit, entities=False), _KEY)


_MARKUP = re.compile("<(?=[!@#])")


def bare(text: str, limit: int) -> str:
    """Untrusted text for other programs, such as the steps of a workflow: its lines as they are, without what Slack would
    take for a mention."""
    return _capped(_MARKUP.sub("<" + _JOINER, _clean(text)).strip(), limit, entities=False)


def plain_lines(text: str) -> str:
    """Untrusted text for a file: without control, direction and invisible characters; Slack shows it as it is."""
    return _clean(text)


def _safe(value: Any) -> Mrkdwn:
    return value if isinstance(value, Mrkdwn) else escape(str(value))
