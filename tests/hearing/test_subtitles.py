"""Subtitles: read whatever their form and encoding, laid over what is spoken, refused where they belong elsewhere."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from veil.errors import VeilError
from veil.hearing.subtitles import Cue, decoded, fit, language_of, moved, parse, read_subtitles
from veil.nouns.time import Span

RUSSIAN = "Мы вышли из дома до рассвета.\nНикто не знал, куда ведёт дорога. Её звали Вера, «соседка»."


def span(start: float, end: float) -> Span:
    return Span(Fraction(round(start * 1000), 1000), Fraction(round(end * 1000), 1000))


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1251", "koi8-r", "cp866"]
)
def test_russian_is_read_in_every_encoding(encoding: str) -> None:
    """Russian text is read as it was written, whichever of the usual encodings it is in."""
    text = RUSSIAN if encoding not in {"koi8-r", "cp866"} else RUSSIAN.replace("«", '"').replace("»", '"')
    assert decoded(text.encode(encoding)) == text


def test_western_letters_are_read() -> None:
    """Text with few letters beyond ASCII is Western, not Russian."""
    assert decoded("Où est-il allé, déjà?".encode("cp1252")) == "Où est-il allé, déjà?"


SRT = """1
00:00:01,000 --> 00:00:02,500
<i>We left</i> {\\an8}the house

2
00:00:04,200 --> 00:00:05,000
- Where to?
- NOBODY: Nobody knew.

3
00:00:03.0 --> 00:00:04.0
[a door] Go!

4
00:00:09,000 --> 00:00:08,000
backwards
"""


def test_srt_is_read() -> None:
    """Tags, names and noises are left out, two dashes are two voices, cues are put in order, wrong times counted."""
    found = parse(SRT.replace("\n", "\r\n"))
    assert [cue.text for cue in found.cues] == ["We left the house", "Go!", "Where to?", "Nobody knew."]
    assert found.cues[0].span == span(1, 2.5)
    assert found.cues[2].span.end == found.cues[3].span.start
    assert found.cues[3].span.end == 5
    assert found.skipped == 1


def test_webvtt_is_read() -> None:
    """Times without hours, settings, notes and voice tags do not disturb; captions that roll are said once."""
    text = (
        "WEBVTT\n\nNOTE a note\n\n00:01.000 --> 00:02.000 align:start\n<v Vera>We left &amp; ran\n\n"
        "00:02.000 --> 00:03.000\nWe left &amp; ran\n\n1:00:04.500 --> 1:00:06.000\nLater\n"
    )
    assert [(c.text, float(c.span.start)) for c in parse(text).cues] == [("We left & ran", 1), ("Later", 3604.5)]


def test_ttml_is_read() -> None:
    """Clock times, frames, ticks and durations are read; times inside count from what is around them."""
    text = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<tt xmlns="http://www.w3.org/ns/ttml" '
        'xmlns:ttp="http://www.w3.org/ns/ttml#parameter" ttp:frameRate="25" ttp:tickRate="1000"><body><div begin="10s">'
        '<p begin="00:00:01.500" end="00:00:02:05">We <span>left</span><br/>the house</p>'
        '<p begin="4000t" dur="500ms">Go</p></div></body></tt>'
    )
    found = parse(text).cues
    assert [c.text for c in found] == ["We left the house", "Go"]
    assert found[0].span == span(11.5, 12.2)
    assert found[1].span == span(14, 14.5)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "no subtitles"),
        (b"just words", "no subtitles"),
        (b"<tt><p begin=", "damaged"),
        (b'<!DOCTYPE x [<!ENTITY a "b">]><tt></tt>', "of its own"),
    ],
)
def test_what_is_no_subtitles_is_refused(content: bytes, told: str, tmp_path: Path) -> None:
    """A file without subtitles, or one that could fill the memory, is told in one sentence without its content."""
    path = tmp_path / "film.srt"
    path.write_bytes(content)
    with pytest.raises(VeilError, match=told) as caught:
        read_subtitles(path)
    assert "words" not in str(caught.value)
    with pytest.raises(VeilError, match="cannot be read"):
        read_subtitles(tmp_path / "none.srt")


def conversation(seed: int, length_s: float) -> list[tuple[float, float]]:
    """Return when somebody speaks in a film."""
    chance = np.random.default_rng(seed)
    at, found = 2.0, []
    while at < length_s - 6:
        end = at + chance.uniform(0.6, 4.5)
        found.append((at, end))
        at = end + chance.exponential(0.5 if chance.random() < 0.6 else 5) + 0.2
    return found


def shown(spoken: list[tuple[float, float]], seed: int, stretch: float = 1, shift_s: float = 0) -> list[Cue]:
    """Return subtitles as people make them: a little early or late, standing on for a while, some lines left out."""
    chance, cues = np.random.default_rng(seed), []
    for start, end in spoken:
        first, last = start + chance.normal(0, 0.15), end + chance.uniform(0, 0.8)
        if chance.random() > 0.05:
            cues.append(Cue(span((first - shift_s) / stretch, (last - shift_s) / stretch), "words"))
    return [cue for cue in cues if cue.span.start >= 0]


@pytest.mark.parametrize(("stretch", "shift_s"), [(1, 0), (1, 20), (25 / 24, -2.3), (24 / 25, 1.7), (1.001, 0.9)])
def test_subtitles_are_laid_over_speech(stretch: float, shift_s: float) -> None:
    """A constant shift and the drift between frame rates are found: cues begin with the speech, to 60 ms."""
    spoken = conversation(1, 900)
    cues = shown(spoken, 2, stretch, shift_s)
    found = fit(cues, [span(*s) for s in spoken], Fraction(900))
    assert found.belongs
    at = Fraction(450)
    there = (at - Fraction(shift_s)) / Fraction(stretch)
    assert (
        abs(float(there * found.stretch + found.shift_s - at)) < 0.06 if found.moved else stretch == 1 and shift_s == 0
    )


@pytest.mark.parametrize("seed", range(3, 11))
def test_subtitles_of_another_film_are_noticed(seed: int) -> None:
    """Subtitles that lie over silence belong elsewhere, however they are moved; those of this film belong."""
    spoken, other = conversation(seed, 240), conversation(seed + 100, 240)
    speech = [span(*s) for s in spoken]
    assert not fit(shown(other, 5), speech, Fraction(240)).belongs
    assert fit(shown(spoken, 5), speech, Fraction(240)).belongs


def test_moved_cues_stay_in_the_film() -> None:
    """What lies outside the film after the move is left out."""
    cues = [Cue(span(k * 10, k * 10 + 2), "words") for k in range(12)]
    how = fit(cues, [span(k * 10 + 5, k * 10 + 7) for k in range(10)], Fraction(100))
    assert all(0 <= c.span.start < c.span.end <= 100 for c in moved(cues, how, Fraction(100)))


@pytest.mark.parametrize(("text", "language"), [(RUSSIAN, "ru"), ("Її звали Віра", "uk"), ("We left", ""), ("12", "")])
def test_the_language_of_letters(text: str, language: str) -> None:
    """Cyrillic is Russian or Ukrainian; Latin letters do not tell."""
    assert language_of([Cue(span(0, 1), text)]) == language
