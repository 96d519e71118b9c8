"""What was heard, kept in the case beside the transcript; a run that is cut off leaves both whole."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from veil.errors import VeilError
from veil.nouns.speech import Heard, Phrase, Transcript, Turn, Word
from veil.nouns.time import Span
from veil.stages.case import CaseFolder, write_json
from veil.stages.transcript import Base, corrected, read_lines, write_transcript

FORMAT = 1
_MOST = 0.8  # of the letters: so many make a language


@dataclass(frozen=True)
class Wish:
    """How a film is to be heard; "" everywhere stands for: as the last time, or Veil's own choice.

    `subtitles` and `model` are paths.
    """

    subtitles: str = ""
    model: str = ""
    language: str = ""


@dataclass(frozen=True)
class Record:
    """All that is kept of a hearing; `key` changes with the film, the subtitles, the model and the language."""

    key: str
    wish: Wish
    base: Base
    turns: tuple[Turn, ...] = ()
    voiced: tuple[Span, ...] = ()
    remarks: tuple[str, ...] = field(default=())


def load_heard(folder: CaseFolder) -> Heard:
    """Return what is heard in the film, as the transcript says it now; nothing where nobody has listened yet.

    Raises VeilError when the transcript has a line that Veil does not understand, or what was kept is damaged.
    """
    record = load_record(folder)
    if record is None:
        return Heard()
    transcript = record.base.transcript
    if folder.transcript.is_file():
        transcript = corrected(read_lines(folder.transcript), record.base)
    turns = _as_corrected(record.turns, transcript, record.base.transcript)
    said = [phrase.span for phrase in transcript.phrases]
    return Heard(turns, union([*record.voiced, *said]), transcript, record.remarks, record.base.words)


def load_uncorrected(folder: CaseFolder) -> Heard:
    """Return what Veil itself heard in the film, whatever a person corrected since; nothing where nobody listened."""
    record = load_record(folder)
    return Heard() if record is None else Heard(record.turns, record.voiced, record.base.transcript, record.remarks)


def language_of(plan_language: str, heard: Heard) -> str:
    """Return the language that is spoken: what the plan says, what was heard, or what the letters are of.

    "" where nobody knows. A recogniser that hears English in everything is not believed about Russian letters.
    """
    letters = [c for p in heard.transcript.phrases for c in p.said.lower() if c.isalpha()]
    latin, cyrillic = sum("a" <= c <= "z" for c in letters), sum("а" <= c <= "я" or c == "ё" for c in letters)
    written = "" if max(latin, cyrillic) < _MOST * len(letters) or not letters else "ru" if cyrillic > latin else "en"
    known = plan_language or heard.transcript.language
    return written if not known or (known == "en" and written == "ru" and not plan_language) else known


def union(spans: Sequence[Span]) -> tuple[Span, ...]:
    """Return spans in order, those that touch as one."""
    joined: list[Span] = []
    for span in sorted(spans):
        if joined and span.start <= joined[-1].end:
            joined[-1] = Span(joined[-1].start, max(span.end, joined[-1].end))
        else:
            joined.append(span)
    return tuple(joined)


def _as_corrected(turns: tuple[Turn, ...], transcript: Transcript, base: Transcript) -> tuple[Turn, ...]:
    """Return turns in which whoever a person named speaks where they are named, and not who was heard there.

    Where two were heard at once two are heard still, whoever they are.
    """
    doubled = [span for turn in turns for span in turn.overlapped]
    for phrase in transcript.phrases:
        if phrase.source != "corrected":
            continue
        before = {p.speaker for p in base.phrases if p.span.meets(phrase.span)} - {phrase.speaker}
        still = {p.speaker for p in transcript.phrases if p is not phrase and p.span.meets(phrase.span)}
        turns = tuple(part for turn in turns for part in _without(turn, phrase.span, before - still))
        covered = union([t.span for t in turns if t.speaker == phrase.speaker and t.span.meets(phrase.span)])
        shared = sum(min(s.end, phrase.span.end) - max(s.start, phrase.span.start) for s in covered)
        if shared < phrase.span.length_s / 2:
            both = tuple(span for span in doubled if span.meets(phrase.span))
            turns = (*turns, Turn(phrase.speaker, phrase.span, overlapped=both))
    return tuple(sorted(turns, key=lambda t: t.span))


def _without(turn: Turn, span: Span, speakers: set[str]) -> list[Turn]:
    if turn.speaker not in speakers or not turn.span.meets(span):
        return [turn]
    rest = [Span(turn.span.start, max(turn.span.start, span.start)), Span(min(span.end, turn.span.end), turn.span.end)]
    return [
        replace(turn, span=part, overlapped=tuple(o for o in turn.overlapped if o.meets(part)))
        for part in rest
        if part.length_s > 0
    ]


def save_record(folder: CaseFolder, record: Record, transcript: str) -> None:
    """Keep a hearing and write the transcript, both or none: a run that was cut off between them is finished later."""
    folder.hearing.mkdir(exist_ok=True)
    folder.hearing.chmod(0o700)
    pending = folder.hearing / "pending.json"
    write_json(pending, {"before": _sum(folder.transcript), "transcript": transcript, "record": _stored(record)})
    _finish(folder)


def _finish(folder: CaseFolder) -> None:
    """Do what is left of a hearing that was kept only in part; a transcript that was edited since is left alone."""
    pending = folder.hearing / "pending.json"
    if not pending.is_file():
        return
    try:
        told = json.loads(pending.read_text("utf-8"))
        before, transcript, record = told["before"], told["transcript"], told["record"]
    except (KeyError, TypeError, ValueError, OSError) as error:
        raise _damaged() from error
    if _sum(folder.transcript) in {before, ""}:
        write_transcript(folder.transcript, transcript)
    write_json(folder.hearing / "heard.json", record)
    pending.unlink()


def _sum(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


def load_record(folder: CaseFolder) -> Record | None:
    """Return what was kept, None where nothing was or another version of Veil kept it; raise VeilError if damaged."""
    _finish(folder)
    path = folder.hearing / "heard.json"
    if not path.is_file():
        return None
    try:
        told = json.loads(path.read_text("utf-8"))
        return _restored(told) if told["format"] == FORMAT else None
    except (KeyError, TypeError, ValueError, OSError) as error:
        raise _damaged() from error


def _damaged() -> VeilError:
    return VeilError("what was heard is damaged", "delete hearing/ in the case folder, run `veil hear` again")


def _stored(record: Record) -> dict[str, Any]:
    transcript = record.base.transcript
    return {
        "format": FORMAT,
        "key": record.key,
        "wish": [record.wish.subtitles, record.wish.model, record.wish.language],
        "language": transcript.language,
        "made_by": transcript.made_by,
        "phrases": [[p.speaker, _pair(p.span), p.source, [_word(w) for w in p.words]] for p in transcript.phrases],
        "words": [_word(w) for w in record.base.words],
        "speech": [_pair(s) for s in record.base.speech],
        "turns": [[t.speaker, _pair(t.span), t.sure, [_pair(o) for o in t.overlapped]] for t in record.turns],
        "voiced": [_pair(s) for s in record.voiced],
        "remarks": list(record.remarks),
    }


def _restored(told: dict[str, Any]) -> Record:
    phrases = tuple(Phrase(who, _span(at), tuple(_said(*w) for w in ws), src) for who, at, src, ws in told["phrases"])
    transcript = Transcript(told["language"], phrases, told["made_by"])
    speech = tuple(_span(s) for s in told["speech"])
    return Record(
        told["key"],
        Wish(*told["wish"]),
        Base(transcript, tuple(_said(*w) for w in told["words"]), speech),
        tuple(Turn(who, _span(at), sure, tuple(_span(o) for o in over)) for who, at, sure, over in told["turns"]),
        tuple(_span(s) for s in told["voiced"]),
        tuple(told["remarks"]),
    )


def _word(word: Word) -> list[object]:
    return [word.text, str(word.span.start), str(word.span.end), round(word.sure, 3), word.timed]


def _said(text: str, start: str, end: str, sure: float, timed: bool) -> Word:
    return Word(text, Span(Fraction(start), Fraction(end)), sure, timed)


def _pair(span: Span) -> list[str]:
    return [str(span.start), str(span.end)]


def _span(told: list[str]) -> Span:
    return Span(Fraction(told[0]), Fraction(told[1]))
