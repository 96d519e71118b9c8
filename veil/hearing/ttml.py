"""Reads subtitles in TTML (W3C Timed Text Markup Language 2), as far as words and times go."""

import re
import xml.etree.ElementTree as ET
from fractions import Fraction

from veil.errors import VeilError
from veil.nouns.time import Instant, Span

_CLOCK = re.compile(r"^(\d+):(\d{1,2}):(\d{1,2})(?:[.,](\d+)|:(\d+))?$")
_OFFSET = re.compile(r"^(\d+(?:\.\d+)?)(h|m|s|ms|f|t)$")


def ttml_cues(text: str) -> list[tuple[Span | None, str]]:
    """Return what is shown when, lines divided by a line feed; None where times make no sense.

    Raises VeilError when it is no XML, or declares entities, which can be made to fill the memory.
    """
    if "<!ENTITY" in text or "<!DOCTYPE" in text:
        raise VeilError("the file of subtitles declares things of its own, which Veil does not read", "save it as SRT")
    try:
        root = ET.fromstring(re.sub(r"^\s*<\?xml[^>]*\?>", "", text))  # noqa: S314  # entities are refused above
    except ET.ParseError as error:
        raise VeilError("the file of subtitles is damaged", "save it again, as SRT or WebVTT if you can") from error
    rates = {name.rpartition("}")[2]: value for name, value in root.attrib.items()}
    frame_hz = _number(rates.get("frameRate"), 30)
    told = (rates.get("frameRateMultiplier") or "1 1").split()
    if len(told) == 2:
        frame_hz = frame_hz * _number(told[0], 1) / _number(told[1], 1)
    tick_hz = _number(rates.get("tickRate"), 1)
    found: list[tuple[Span | None, str]] = []
    _gather(root, (Fraction(0), None), (frame_hz, tick_hz), found)
    return found


def _number(text: str | None, instead: int) -> Fraction:
    return Fraction(int(text)) if text and text.isdigit() and int(text) else Fraction(instead)


def _gather(
    part: ET.Element,
    around: tuple[Instant, Instant | None],
    rates: tuple[Fraction, Fraction],
    found: list[tuple[Span | None, str]],
) -> None:
    """Walk the tree: times count from the start of what is around them."""
    start = around[0] + (_time(part.get("begin"), rates) or 0)
    end, length_s = _time(part.get("end"), rates), _time(part.get("dur"), rates)
    stop = around[0] + end if end is not None else start + length_s if length_s is not None else around[1]
    name = part.tag.rpartition("}")[2]
    timed_inside = any(inner.get("begin") for inner in part.iter() if inner is not part)
    if (name == "p" and not timed_inside) or (name == "span" and part.get("begin")):
        if words := _words(part).strip():
            found.append((Span(start, stop) if stop is not None and start < stop else None, words))
        return
    for inner in part:
        _gather(inner, (start, stop), rates, found)


def _words(part: ET.Element) -> str:
    text = part.text or ""
    for inner in part:
        name = inner.tag.rpartition("}")[2]
        text += "\n" if name == "br" else "" if name == "metadata" else _words(inner)
        text += inner.tail or ""
    return re.sub(r"[ \t\r\f\v]*\n[ \t\r\f\v]*", "\n", text) if part.tag.endswith("p") else text


def _time(text: str | None, rates: tuple[Fraction, Fraction]) -> Fraction | None:
    """Return a time expression in seconds; None where there is none."""
    text = (text or "").strip()
    if clock := _CLOCK.match(text):
        whole = Fraction(int(clock[1]) * 3600 + int(clock[2]) * 60 + int(clock[3]))
        if clock[4]:
            whole += Fraction(int(clock[4]), 10 ** len(clock[4]))
        return whole + (int(clock[5]) / rates[0] if clock[5] else 0)
    if offset := _OFFSET.match(text):
        units: dict[str, Fraction] = {
            "h": Fraction(3600), "m": Fraction(60), "s": Fraction(1), "ms": Fraction(1, 1000),
            "f": 1 / rates[0], "t": 1 / rates[1],
        }  # fmt: skip
        return Fraction(offset[1]) * units[offset[2]]
    return None
