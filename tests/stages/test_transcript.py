"""The transcript: what a person corrects is understood, told by its line where it is not, and never lost."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from veil.errors import VeilError
from veil.nouns.speech import Phrase, Transcript, Word
from veil.nouns.time import Span
from veil.stages.transcript import Base, corrected, line_of, merged, read_lines, text_of, write_transcript


def span(start: float, end: float) -> Span:
    return Span(Fraction(round(start * 1000), 1000), Fraction(round(end * 1000), 1000))


def phrase(text: str, start: float, speaker: str = "P1", sure: float = 0.9) -> Phrase:
    words = tuple(Word(w, span(start + k / 4, start + k / 4 + 0.2), sure) for k, w in enumerate(text.split()))
    return Phrase(speaker, span(start, start + max(1, len(words)) / 4), words)


HEARD = Transcript(
    "en",
    (phrase("we left before dawn", 1), phrase("nobody new", 4, "V1", 0.4), Phrase("P1", span(8, 9), ())),
    "written down by a parrot",
)


def base(transcript: Transcript) -> Base:
    words = tuple(w for p in transcript.phrases for w in p.words)
    return Base(transcript, words, tuple(p.span for p in transcript.phrases))


BASE = base(HEARD)


def as_edited(tmp_path: Path, *changes: tuple[str, str]) -> Path:
    """Write the transcript as Veil does, with these changes by a person."""
    path = tmp_path / "transcript.txt"
    text = text_of(HEARD)
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    write_transcript(path, text)
    return path


def test_what_was_not_touched_is_what_was_heard(tmp_path: Path) -> None:
    """A transcript that nobody changed is read with everything that is known of its words; others cannot read it."""
    path = as_edited(tmp_path)
    assert corrected(read_lines(path), BASE) == HEARD
    assert path.stat().st_mode & 0o077 == 0


def test_it_says_what_it_is(tmp_path: Path) -> None:
    """The file says that it was made automatically, by what, that it may be wrong, and marks what is doubtful."""
    text = as_edited(tmp_path).read_text("utf-8")
    assert "made automatically and may be wrong" in text
    assert "by a parrot" in text
    assert "0:00:04.000 - 0:00:04.500  V1: {nobody} {new}" in text
    assert "0:00:08.000 - 0:00:09.000  P1: (?)" in text


def test_corrections_are_understood(tmp_path: Path) -> None:
    """Words, marks and speakers that a person writes count; words that stayed keep their times; all are sure."""
    path = as_edited(
        tmp_path,
        ("P1: we left", "P1: we *all* (slow) left, _then_ (pause 0.5) (normal)"),
        ("V1: {nobody} {new}", "P2: nobody *knew*."),
        ("P1: (?)", "P1:"),
    )
    first, second, third = corrected(read_lines(path), BASE).phrases
    assert [(w.text, w.stress, w.tempo, w.pause_s) for w in first.words] == [
        ("we", "", "", 0), ("all", "strong", "", 0), ("left,", "", "slow", 0), ("then", "soft", "slow", 0.5),
        ("before", "", "", 0), ("dawn", "", "", 0),
    ]  # fmt: skip
    assert [w.timed for w in first.words] == [True, False, True, False, True, True]
    assert first.words[5].span == HEARD.phrases[0].words[3].span
    assert (second.speaker, second.said, second.words[1].stress) == ("P2", "nobody knew.", "strong")
    assert all(w.sure == 1 for w in (*first.words, *second.words))
    assert (third.words, third.source) == ((), "corrected")


def test_lines_may_be_added(tmp_path: Path) -> None:
    """A line that a person adds is spoken at its time, in parts where it is too long for one breath."""
    path = as_edited(tmp_path, ("0:00:04.000", "0:20 - 0:32,5  V2: wrong\n0:00:04.000"))
    with pytest.raises(VeilError, match="line 13"):
        read_lines(path)
    path = as_edited(tmp_path, ("0:00:04.000", "0:20 - 0:32.5  V2: so we went, all of us, over the hill\n0:00:04.000"))
    added = [p for p in corrected(read_lines(path), BASE).phrases if p.speaker == "V2"]
    assert " ".join(p.said for p in added) == "so we went, all of us, over the hill"
    assert len(added) > 1
    assert all(20 <= p.span.start < p.span.end <= Fraction(65, 2) for p in added)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("nonsense", "a speaker and words"),
        ("0:01 P1: words", "a speaker and words"),
        ("0:03 - 0:02  P1: words", "make no sense"),
        ("0:03 - 0:03  P1: words", "no length"),
        ("0:x - 0:03  P1: words", "a speaker and words"),
        ("0:01 - 0:03  P1: (pause 1) words", "pause"),
        ("0:01 - 0:03  P1: words (pause 90)", "pause"),
        ("0:01 - 0:03  P1: words (laughs)", "brackets"),
        ("0:01 - 0:03  P1: words (?)", "mixes"),
    ],
)
def test_errors_name_the_line_and_no_word(line: str, told: str, tmp_path: Path) -> None:
    """A line that Veil does not understand is named by its number, without what stands in it."""
    path = tmp_path / "transcript.txt"
    path.write_text(f"# note\n\n{line}\n", "utf-8")
    with pytest.raises(VeilError, match=rf"line 3 .*{told}") as caught:
        read_lines(path)
    assert "words" not in str(caught.value).replace("a speaker and words", "").replace("mixes words", "")


def test_a_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    """A transcript saved in another encoding is told in one sentence."""
    path = tmp_path / "transcript.txt"
    path.write_bytes("0:01 - 0:03  P1: да".encode("cp1251"))
    with pytest.raises(VeilError, match="cannot be read"):
        read_lines(path)


def test_corrections_outlive_a_new_hearing(tmp_path: Path) -> None:
    """After another model has heard the film, everything that a person wrote, emptied or took out is still so."""
    path = as_edited(
        tmp_path,
        ("P1: we left before dawn", "P2: We *left*, (pause 0.3) Vera."),
        ("0:00:08.000 - 0:00:09.000  P1: (?)\n", ""),
    )
    fresh = Transcript(
        "en",
        (phrase("he lifts the door down and", 1.1), phrase("nobody knew", 4, "V1"), phrase("oh no", 8.2)),
        "written down by an owl",
    )
    whole, kept = merged(read_lines(path), HEARD, base(fresh))
    write_transcript(path, text_of(whole))
    lines = [line for line in path.read_text("utf-8").splitlines() if line[:1] != "#"]
    assert "0:00:01.000 - 0:00:02.000  P2: We *left*, (pause 0.3) Vera." in lines
    assert "0:00:04.000 - 0:00:04.500  V1: nobody knew" in lines
    assert "0:00:08.000 - 0:00:09.000  P1:" in lines
    assert "oh no" not in "".join(lines)
    assert "door" not in "".join(lines)
    again, _ = merged(read_lines(path), kept.transcript, base(HEARD))
    assert [p.said for p in again.phrases if p.source == "corrected"] == ["We left, Vera.", ""]
    assert "nobody new" in [p.said for p in again.phrases]


TEXT = (
    st.text(st.sampled_from("abcé яё',.?!-:1"), min_size=1, max_size=6)
    .map(str.strip)
    .filter(lambda t: " " not in t and any(c.isalnum() for c in t))
)
WORDS = st.builds(
    Word,
    TEXT,
    st.just(span(1, 2)),
    st.floats(0, 1).map(lambda sure: round(sure, 3)),
    stress=st.sampled_from(["", "strong", "soft"]),
    tempo=st.sampled_from(["", "slow", "fast"]),
    pause_s=st.sampled_from([0.0, 0.3, 1.5]),
)


@given(st.lists(st.lists(WORDS, max_size=5), max_size=4))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_written_is_read_again(tmp_path: Path, texts: list[list[Word]]) -> None:
    """Whatever words and marks a transcript holds, its text is read as the same phrases."""
    phrases = tuple(Phrase("P1", span(k * 3, k * 3 + 2), tuple(ws)) for k, ws in enumerate(texts))
    transcript = Transcript("en", phrases)
    path = tmp_path / "transcript.txt"
    path.write_text(text_of(transcript), "utf-8")
    lines = read_lines(path)
    assert corrected(lines, base(transcript)) == transcript
    by_hand = [replace(p, words=line.words) for p, line in zip(phrases, lines, strict=True)]
    assert [line_of(p) for p in by_hand] == [line_of(p) for p in phrases]
