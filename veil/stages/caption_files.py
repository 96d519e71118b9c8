"""Subtitles as files: SubRip and WebVTT written so that every player reads them, and read back as they were given.

SubRip has no standard; what is written here is its common core. WebVTT: W3C, https://www.w3.org/TR/webvtt1/.
"""

import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from veil.errors import VeilError
from veil.nouns.caption import Caption
from veil.nouns.time import Instant, Span, clock, parse_clock

_TIMES = re.compile(r"\s*((?:\d+:)?\d{1,2}:\d{1,2}[.,]\d{1,3})\s*-->\s*((?:\d+:)?\d{1,2}:\d{1,2}[.,]\d{1,3})")
_TAGS = re.compile(r"</?[a-zA-Z][^>]*>|\{\\[^}]*\}")
_SAFE = str.maketrans({"<": "‹", ">": "›", "{": "(", "}": ")"})  # what some players take for orders
_ENCODINGS = "utf-8-sig", "utf-16", "cp1251"


@dataclass(frozen=True)
class Cue:
    """Words of a subtitle file, and when they stand there."""

    span: Span
    text: str


def as_srt(shown: Sequence[Caption], name_of: Mapping[str, str]) -> str:
    """Return SubRip; where the speaker changes and more than one speaks, the name stands before the words."""
    several = len({who for c in shown for who in c.speakers}) > 1
    blocks = []
    for number, caption in enumerate(shown, start=1):
        lines = [_plain(line).translate(_SAFE) for line in caption.lines]
        name = _plain(name_of.get(caption.speakers[0], caption.speakers[0])).translate(_SAFE)
        if several and caption.begins and name:
            lines[0] = f"{name}: {lines[0]}"
        start, end = (_stamp(at).replace(".", ",") for at in (caption.span.start, caption.span.end))
        blocks.append("\n".join([str(number), f"{start} --> {end}", *lines]) + "\n")
    return "\n".join(blocks)


def as_vtt(shown: Sequence[Caption], name_of: Mapping[str, str], language: str) -> str:
    """Return WebVTT; each line says who speaks."""
    head = "WEBVTT\n\n" + (f"NOTE\nlanguage: {language}\n\n" if language else "")
    blocks = []
    for number, caption in enumerate(shown, start=1):
        voices = [html.escape(_plain(name_of.get(who, who)), quote=False) for who in caption.speakers]
        words = [html.escape(_plain(line), quote=False) for line in caption.lines]
        if len(set(voices)) == 1:
            lines = [f"<v {voices[0]}>{words[0]}" if voices[0] else words[0], *words[1:]]
        else:
            lines = [f"<v {voice}>{line}</v>" for voice, line in zip(voices, words, strict=True)]
        times = f"{_stamp(caption.span.start)} --> {_stamp(caption.span.end)}"
        blocks.append("\n".join([str(number), times, *lines]) + "\n")
    return head + "\n".join(blocks)


def read_cues(text: str) -> tuple[Cue, ...]:
    """Return the cues of SubRip or WebVTT in order of time, as plain words; none where the text holds no times."""
    cues, lines = [], text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    starts = [i for i, line in enumerate(lines) if _TIMES.match(line)]
    for at, after in pairwise([*starts, len(lines)]):
        block: list[str] = []
        for line in lines[at + 1 : after]:
            if not line.strip():
                break
            block.append(line)
        found = _TIMES.match(lines[at])
        words = " ".join(html.unescape(_TAGS.sub("", " ".join(block))).split())
        if found and words:
            start, end = (parse_clock(stamp.replace(",", ".")) for stamp in found.groups())
            cues.append(Cue(Span(start, max(start, end)), words))
    return tuple(sorted(cues, key=lambda c: c.span))


def decoded(data: bytes) -> str:
    """Return the text of a file in one of the usual encodings; raise VeilError when it is in none."""
    encodings = _ENCODINGS if data[:2] in {b"\xff\xfe", b"\xfe\xff"} else (_ENCODINGS[0], _ENCODINGS[2])
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise VeilError("the translation is no text that Veil can read", "save it as UTF-8: plain text, SRT or WebVTT")


def _plain(line: str) -> str:
    """Return a line without what would end it, or look like times."""
    return " ".join(line.replace("-->", "→").split())


def _stamp(at: Instant) -> str:
    """Return hh:mm:ss.mmm."""
    return clock(at).rjust(12, "0")
