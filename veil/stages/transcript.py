"""The transcript that a person corrects: a text file in the case, one line a phrase. What they change stays.

    0:00:01.200 - 0:00:03.400  P1: We left {before} dawn, *all* of us (pause 0.5) and

The base is the list of phrases as Veil wrote them into the file; a line that is not in it was changed by a person.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from veil.errors import VeilError
from veil.hearing.align import LONGEST_S, lined_up, phrased
from veil.nouns.speech import DOUBTFUL, Phrase, Source, Stress, Tempo, Transcript, Word
from veil.nouns.time import Span, clock, parse_clock
from veil.whole import write_whole

UNCLEAR = "(?)"
_LINE = re.compile(r"^\s*(\d[\d:.]*)\s*(?:-->|-|–|—)\s*(\d[\d:.]*)\s+([^\W\d_]\w*)\s*:\s*(.*?)\s*$")
_MARK = re.compile(r"\((slow|fast|normal|pause\s+\d+(?:[.,]\d+)?)\)|(\(\?\))|(\([^)\s]*[^)]*\))|(\S+)")
_LONGEST_PAUSE_S = 5

_HEADER = """\
# What is said in the film: {made_by}.
# It was made automatically and may be wrong. Listen to the film and correct it; what you write here is what the new
# voices say, and what the subtitles show. Run `veil hear` again whenever you like: what you changed stays.
#
# One line is one phrase: when it is said, who says it, the words.
#   {{word}}         Veil is not sure of this word: correct it, or take the braces away
#   (?)            something is said here and nobody knows what: write the words
#   *word*         spoken with stress            _word_         spoken softly
#   (slow) (fast)  from here on                  (pause 0.5)    silence of so many seconds
# Empty a line after the colon and nothing is spoken there. New lines may be added, and speakers changed.
"""


@dataclass(frozen=True)
class Written:
    """A line of the file; `words` are not timed yet."""

    number: int
    speaker: str
    span: Span
    text: str
    words: tuple[Word, ...]
    unclear: bool = False


def line_of(phrase: Phrase) -> str:
    """Return a phrase as it stands in the file."""
    return f"{clock(phrase.span.start)} - {clock(phrase.span.end)}  {phrase.speaker}: {marked(phrase)}".rstrip()


def marked(phrase: Phrase) -> str:
    """Return the words of a phrase with their marks; `UNCLEAR` where nobody knows them, nothing where none are said."""
    if not phrase.words:
        return "" if phrase.source == "corrected" else UNCLEAR
    parts: list[str] = []
    tempo: Tempo = ""
    for word in phrase.words:
        if word.tempo != tempo:
            tempo = word.tempo
            parts.append(f"({tempo or 'normal'})")
        around = {"strong": "*", "soft": "_", "": ""}[word.stress]
        bare = word.text.rstrip(".,;:?!…")
        text = f"{around}{bare}{around}{word.text[len(bare) :]}"
        parts.append(f"{{{text}}}" if word.sure < DOUBTFUL else text)
        if word.pause_s:
            parts.append(f"(pause {word.pause_s:g})")
    return " ".join(parts)


def text_of(transcript: Transcript) -> str:
    """Return what stands in the file."""
    made_by = transcript.made_by or "nothing was heard"
    lines = [_HEADER.format(made_by=made_by), *(line_of(phrase) for phrase in transcript.phrases)]
    return "\n".join(lines) + "\n"


def write_transcript(path: Path, text: str) -> None:
    """Write the file for its owner only, whole or not at all."""
    write_whole(path, text.encode())


def read_lines(path: Path) -> tuple[Written, ...]:
    """Return the lines of the file in order of time; raise VeilError that names the line it does not understand."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise VeilError("the transcript cannot be read", "save transcript.txt as plain text in UTF-8") from error
    found = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        told = _LINE.match(line)
        if told is None:
            raise _wrong(number, "is not a time, a speaker and words", "write it like `0:01:02.5 - 0:01:04  P1: words`")
        try:
            span = Span(parse_clock(told[1]), parse_clock(told[2]))
        except ValueError as error:
            raise _wrong(
                number, "has times that make no sense", "write the start first: 0:01:02.5 - 0:01:04"
            ) from error
        if span.length_s <= 0:
            raise _wrong(number, "has no length", "write when it ends, after when it starts")
        words = _words(told[4], number, span)
        unclear = told[4] == UNCLEAR
        found.append(Written(number, told[3], span, " ".join(told[4].split()), words, unclear))
    return tuple(sorted(found, key=lambda line: line.span))


def _wrong(number: int, what: str, hint: str) -> VeilError:
    return VeilError(f"line {number} of transcript.txt {what}", hint)


def _words(text: str, number: int, span: Span) -> tuple[Word, ...]:
    """Return the words of a line, with what a person marked; they all have the line's span for now."""
    words: list[Word] = []
    tempo: Tempo = ""
    for mark, unclear, strange, word in _MARK.findall(text):
        if mark in {"slow", "fast", "normal"}:
            tempo = mark if mark != "normal" else ""
        elif mark:
            pause_s = float(mark.split()[1].replace(",", "."))
            if not words or pause_s > _LONGEST_PAUSE_S:
                hint = f"put it behind a word; {_LONGEST_PAUSE_S} seconds are the most"
                raise _wrong(number, "has a pause that cannot be", hint)
            words[-1] = replace(words[-1], pause_s=pause_s)
        elif strange:
            hint = "marks are (slow), (fast), (normal), (pause 0.5); what is not spoken does not belong here"
            raise _wrong(number, "has something in brackets that Veil does not know", hint)
        elif word:
            words.append(_word(word, tempo, span))
        elif unclear and text != UNCLEAR:
            raise _wrong(number, "mixes words and (?)", "write all the words, or (?) alone")
    return tuple(word for word in words if word.text)


def _word(text: str, tempo: Tempo, span: Span) -> Word:
    sure = 1.0
    if told := re.match(r"^\{(.*)\}(\W*)$", text):
        text, sure = told[1] + told[2], DOUBTFUL / 2
    stress: Stress = ""
    for sign, name in (("*", "strong"), ("_", "soft")):
        if told := re.match(rf"^{re.escape(sign)}(.+){re.escape(sign)}(\W*)$", text):
            text, stress = told[1] + told[2], "strong" if name == "strong" else "soft"
    return Word(text.strip("{}"), span, sure, timed=False, stress=stress, tempo=tempo)


@dataclass(frozen=True)
class Base:
    """What Veil heard by itself: the phrases as it wrote them into the file, all words, and where somebody speaks."""

    transcript: Transcript
    words: tuple[Word, ...]
    speech: tuple[Span, ...]


def corrected(lines: Sequence[Written], base: Base) -> Transcript:
    """Return the transcript as the file has it: untouched lines with all that is known of them, changed ones anew.

    Words of a changed line get the times of the same words in the base, or a place between them.
    """
    untouched = {line_of(phrase): phrase for phrase in base.transcript.phrases}
    phrases: list[Phrase] = []
    for line in lines:
        known = untouched.get(_plain(line))
        phrases += [known] if known is not None else _anew(line, base)
    return replace(base.transcript, phrases=tuple(sorted(phrases, key=lambda p: p.span)))


def _plain(line: Written) -> str:
    return f"{clock(line.span.start)} - {clock(line.span.end)}  {line.speaker}: {line.text}".rstrip()


def _anew(line: Written, base: Base) -> list[Phrase]:
    """Return a changed line as one phrase, or as several where it is too long for one breath."""
    if not line.words:
        return [Phrase(line.speaker, line.span, (), _source(line))]
    words = lined_up(line.words, line.span, base.words, base.speech)
    words = tuple(replace(word, span=_inside(word.span, line.span)) for word in words)
    if line.span.length_s <= LONGEST_S:
        return [Phrase(line.speaker, line.span, words, "corrected")]
    return list(phrased([(line.speaker, word) for word in words], "corrected"))


def _source(line: Written) -> Source:
    return "recognised" if line.unclear else "corrected"


def _inside(span: Span, whole: Span) -> Span:
    start = min(max(span.start, whole.start), whole.end)
    return Span(start, max(start, min(span.end, whole.end)))


def kept_by_hand(lines: Sequence[Written], base: Transcript) -> tuple[list[Written], list[Span]]:
    """Return the lines that a person wrote or changed, and the spans of lines that they took out altogether."""
    auto = {line_of(phrase) for phrase in base.phrases}
    there = {_plain(line) for line in lines}
    changed = [line for line in lines if _plain(line) not in auto]
    gone = [phrase.span for phrase in base.phrases if line_of(phrase) not in there]
    gone = [span for span in gone if not any(_covers(line.span, span) for line in changed)]
    return changed, gone


def _covers(line: Span, span: Span) -> bool:
    shared = min(line.end, span.end) - max(line.start, span.start)
    return shared > span.length_s / 2


def merged(lines: Sequence[Written], old: Transcript, fresh: Base) -> tuple[Transcript, Base]:
    """Return the transcript after a new hearing, and the new base; nothing that a person wrote is lost.

    New words where a changed line stands are left out of both; lines that were taken out stay empty.
    """
    changed, gone = kept_by_hand(lines, old)
    by_hand = [Phrase(line.speaker, line.span, line.words, _source(line)) for line in changed]
    by_hand += [Phrase(_speaker(span, old), span, (), "corrected") for span in gone]
    taken = [line.span for line in changed] + gone
    auto = [left for phrase in fresh.transcript.phrases for left in _left_over(phrase, taken)]
    together = sorted([*auto, *by_hand], key=lambda p: p.span)
    base = replace(fresh, transcript=replace(fresh.transcript, phrases=tuple(auto)))
    return replace(fresh.transcript, phrases=tuple(together)), base


def _left_over(phrase: Phrase, taken: Sequence[Span]) -> list[Phrase]:
    """Return what is left of a new phrase beside the spans that a person wrote."""
    if not any(phrase.span.meets(span) for span in taken):
        return [phrase]
    if not phrase.words:
        return [] if any(_covers(span, phrase.span) for span in taken) else [phrase]
    words = [w for w in phrase.words if not any((w.span.start + w.span.end) / 2 in span for span in taken)]
    if len(words) == len(phrase.words):
        return [phrase]
    return list(phrased([(phrase.speaker, word) for word in words], phrase.source)) if words else []


def _speaker(span: Span, base: Transcript) -> str:
    return next(phrase.speaker for phrase in base.phrases if phrase.span == span)
