"""Subtitles: the trade's rules hold whatever is said, and files of them are read by others as they were meant."""

from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from veil.nouns.caption import Caption
from veil.nouns.time import Span
from veil.stages.caption_files import as_srt, as_vtt, read_cues
from veil.stages.captions import GAP_S, HURRIED, LINE, MOST_S, Speaking, captions, in_lines, spread

_TALE = (
    "When they came to the house in the evening, my brother had already left, and nobody could tell them where he was. "
    "I waited. Then we drove to the border without any light, because there were soldiers on the road who knew our car."
)


def _said(text: str, start: float, end: float, speaker: str = "P1") -> Speaking:
    return Speaking(speaker, spread(text, Span(Fraction(start), Fraction(end))))


_words = st.lists(st.text("abcdeжщьюя,.?é", min_size=1, max_size=50), min_size=1, max_size=40).map(" ".join)
_times = st.tuples(st.integers(0, 400), st.integers(1, 200)).map(lambda t: (t[0] / 10, (t[0] + t[1]) / 10))
_talk = st.lists(st.tuples(_words, _times, st.sampled_from(["P1", "P2"])), min_size=1, max_size=5)


@settings(max_examples=60, deadline=None)
@given(_talk)
def test_rules_hold_whatever_is_said(talk: list[tuple[str, tuple[float, float], str]]) -> None:
    """At most two lines of 42 characters, never two subtitles at once, none longer than 7 s, and no word is lost."""
    shown = captions([_said(text, *times, who) for text, times, who in talk])
    for caption in shown:
        assert 1 <= len(caption.lines) == len(caption.speakers) <= 2
        assert max(map(len, caption.lines)) <= LINE
        assert 0 < caption.span.length_s <= MOST_S
    for one, after in pairwise(shown):
        assert one.span.end <= after.span.start
    told = sorted("".join(text for text, _, _ in talk).replace(" ", ""))
    assert sorted("".join(c.text for c in shown).replace(" ", "").replace("–", "")) == told


def test_calm_speech_is_read_calmly() -> None:
    """Speech of about 14 characters a second gives subtitles of 1 to 7 s, none too fast, with two frames between."""
    shown = captions([_said(_TALE, 1, 1 + len(_TALE) / 14)])
    assert len(shown) >= 4
    assert all(c.span.length_s >= 1 for c in shown)
    assert all(c.letters_a_second <= HURRIED for c in shown)
    assert all(b.span.start - a.span.end == GAP_S for a, b in pairwise(shown))


def test_subtitles_end_where_clauses_end() -> None:
    """No subtitle and no line of it ends after an article, a preposition or a conjunction."""
    shown = captions([_said(_TALE, 1, 16)])
    ends = [line.split()[-1] for caption in shown for line in caption.lines]
    assert not set(ends) & {"the", "in", "and", "to", "my", "because", "on", "who", "our"}
    assert any(end.endswith(".") for end in ends)


def test_a_line_is_parted_at_its_clause() -> None:
    """Two lines are parted after a comma rather than in the middle of a clause."""
    assert in_lines(["They", "came", "in the", "evening,", "and nobody", "was at", "home"]) == (
        "They came in the evening,", "and nobody was at home",
    )  # fmt: skip
    assert in_lines(["word"] * 30) is None


def test_nothing_is_read_long_before_it_is_said() -> None:
    """Two sentences with a silence between them stand in two subtitles, though one could hold both."""
    shown = captions([_said("They came.", 1, 2), _said("Nobody was there.", 3, 4.5)])
    assert [c.span.start for c in shown] == [1, 3]


def test_two_at_once_share_a_subtitle() -> None:
    """Two people who speak at once stand in one subtitle, a dash before each."""
    (shown,) = captions([_said("Where is he?", 1, 3), _said("I do not know.", 2, 4, "P2")])
    assert shown.lines == ("– Where is he?", "– I do not know.")
    assert shown.speakers == ("P1", "P2")


def _read(path: Path) -> list[tuple[Fraction, Fraction, str]]:
    """Return what FFmpeg reads from a subtitle file: start, length and plain text."""
    cues = []
    with av.open(str(path)) as container:
        for packet in container.demux(container.streams.subtitles[0]):
            if packet.pts is not None and packet.duration is not None:
                base = packet.time_base
                cues.append((packet.pts * base, packet.duration * base, bytes(packet).decode()))
    return cues


@pytest.mark.parametrize("kind", ["srt", "vtt"])
def test_files_are_read_by_others(tmp_path: Path, kind: str) -> None:
    """FFmpeg finds in SRT and WebVTT every subtitle at its time, hours and hostile words included."""
    shown = captions(
        [
            _said(_TALE, 1, 16),
            _said("a --> b <i>not</i> & {\\an8} so", 3700, 3702, "P2"),
            _said("Да, это он.", 3710, 3711),
        ]
    )
    path = tmp_path / f"film.{kind}"
    names = {"P1": "Akhmed", "P2": "R&D <x>"}
    text = as_srt(shown, names) if kind == "srt" else as_vtt(shown, names, "en")
    path.write_text(text, "utf-8")
    read = _read(path)
    assert len(read) == len(shown)
    for (start, length, words), caption in zip(read, shown, strict=True):
        assert abs(start - caption.span.start) <= Fraction(1, 1000)
        assert abs(length - caption.span.length_s) <= Fraction(2, 1000)
        assert caption.lines[-1].split()[-1] in words
    again = read_cues(text)
    assert [cue.text.removeprefix("Akhmed: ") for cue in again][:2] == [c.text for c in shown[:2]]
    assert text.count("-->") == len(shown)


def test_names_stand_where_the_speaker_changes() -> None:
    """SubRip names who speaks where another begins, and only where more than one speaks; WebVTT names them always."""
    shown = captions(
        [_said("One thing.", 1, 3), _said("Another one.", 9, 11, "P2")], {"P1": "Akhmed", "P2": "Journalist"}
    )
    names = {"P1": "Akhmed", "P2": "Journalist"}
    assert "Akhmed: One thing." in as_srt(shown, names)
    assert "Journalist: Another one." in as_srt(shown, names)
    assert "<v Journalist>Another one." in as_vtt(shown, names, "en")
    alone: tuple[Caption, ...] = captions([_said("One thing.", 1, 3)])
    assert "Akhmed" not in as_srt(alone, names)
