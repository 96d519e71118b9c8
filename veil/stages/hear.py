"""Hears a film: where somebody speaks, who, and what is said; the result is a transcript that a person corrects."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import numpy as np

from veil.errors import VeilError
from veil.hearing.align import LONGEST_S, agreement, lined_up, phrased, speaker_of, steadied
from veil.hearing.recognisers import recogniser_for
from veil.hearing.speech import Listener, speech_spans, voiced_spans
from veil.hearing.subtitles import FEW, Cue, fit, language_of, moved, read_subtitles, spoken
from veil.hearing.turns import turns
from veil.hearing.words import Recognised, Recogniser, recognise
from veil.media.hearing import PIECE_S, SoundStream, film_offset_s, pieces, sound_streams, subtitles_inside
from veil.nouns.speech import HEARING_HZ, Heard, Phrase, Sound, Source, Transcript, Turn, Word
from veil.nouns.time import Span, clock
from veil.progress import Progress, silent
from veil.stages.case import Case, CaseFolder
from veil.stages.heard import FORMAT, Record, Wish, load_heard, load_record, save_record, union
from veil.stages.lips_seen import lips_seen
from veil.stages.transcript import Base, merged, read_lines, text_of

__all__ = ["Wish", "hear", "load_heard"]

Who = Callable[[Sound, tuple[Span, ...]], tuple[Turn, ...]]
"""Tells from a sound of 16 kHz who speaks in each of the spans in which a voice may be heard."""

_AS_BEFORE = Wish()
_SAME_WORDS = 0.3  # of what was recognised: below it subtitles say something else
_FEW_WORDS = 12  # recognised: too few to tell by
_NO_SPEECH_S = 6  # of what may be a voice and is no speech: worth a remark
_MARKS = str.maketrans("", "", "{}[]()*_#")  # they mean something in the transcript


@dataclass(frozen=True, eq=False)
class _Sounds:
    """What is heard in the sound tracks of a film; `main` is the one that words are looked for in."""

    main: Sound
    speech: tuple[Span, ...] = ()
    voiced: tuple[Span, ...] = ()
    remarks: tuple[str, ...] = ()
    aside: bool = False  # it is not the track that a film is given under its own voices


@dataclass(frozen=True)
class _Words:
    """Words in order of time, and where somebody speaks and nobody knows what is said."""

    words: tuple[Word, ...]
    made_by: str
    language: str
    source: Source
    lost: tuple[Span, ...] = ()
    remarks: tuple[str, ...] = ()


def hear(
    case: Case, folder: CaseFolder, who: Who | None = None, wish: Wish = _AS_BEFORE, progress: Progress = silent
) -> Heard:
    """Hear the film of a case, keep what was heard, and write the transcript; what a person changed in it stays.

    It is done again only when the film, the subtitles, the model or the language are others than the last time; what
    `wish` leaves open is as it was then. `who` tells who speaks; without it voices and lips do. Raises VeilError
    when subtitles do not belong to the film, a model cannot be used, or the transcript has a line that is none.
    """
    last = load_record(folder)
    lines = read_lines(folder.transcript) if folder.transcript.is_file() else ()
    if last is not None:
        wish = Wish(*(new or old for new, old in zip(_told(wish), _told(last.wish), strict=True)))
        if last.key == _key(case, wish, last, who):
            return load_heard(folder)
    key = _key(case, wish, None, who)
    recogniser = recogniser_for(Path(wish.model) if wish.model else None)
    sounds = _listen(case, progress)
    found = (who or _seen_and_heard(case))(sounds.main, sounds.voiced) if sounds.voiced else ()
    if sounds.aside:  # who speaks in this track tells nothing of who is heard in the other
        found = tuple(replace(turn, sure=0.0) for turn in found)
    said = _said(case, wish, recogniser, sounds, progress)
    transcript = Transcript(said.language, _phrases(said, found), said.made_by)
    fresh = Base(transcript, said.words, sounds.speech)
    known = last.base.transcript if last is not None else Transcript("", ())  # of a lost hearing every line is kept
    whole, base = merged(lines, known, fresh)
    remarks = (*sounds.remarks, *said.remarks, *(_overlaps(found) if said.words else ()))
    save_record(folder, Record(key, wish, base, found, sounds.voiced, remarks), text_of(whole))
    return load_heard(folder)


def _told(wish: Wish) -> tuple[str, str, str]:
    return wish.subtitles, wish.model, wish.language


def _key(case: Case, wish: Wish, last: Record | None, who: Who | None) -> str:
    """Return what changes when the film has to be heard again; files that are gone since count as unchanged."""
    told = [str(FORMAT), case.film.fingerprint, wish.language, "" if who is None else "turns"]
    for path in (wish.subtitles, wish.model):
        stamp = ""
        if path:
            files = [Path(path)] if Path(path).is_file() else sorted(p for p in Path(path).rglob("*") if p.is_file())
            if not files and last is not None and path in _told(last.wish):
                return last.key
            stamp = " ".join(f"{p.stat().st_size} {p.stat().st_mtime_ns}" for p in files)
        told.append(f"{path} {stamp}")
    return hashlib.sha256("\n".join(told).encode()).hexdigest()


def _seen_and_heard(case: Case) -> Who:
    """Return who speaks by the sound of the voices and by the lips that move."""
    return lambda sound, voiced: turns(sound, voiced, lips_seen(case))


def _listen(case: Case, progress: Progress) -> _Sounds:
    """Hear every sound track: voices are looked for in all of them, words in the one where most is spoken."""
    empty = np.zeros(0, np.float32)
    streams = sound_streams(case.film) if case.film.has_sound else ()
    if not streams:
        return _Sounds(empty, remarks=("the film has no sound, so nobody is heard",))
    offset_s = film_offset_s(case.film)
    heard = [_track(case, stream, offset_s, progress) for stream in streams]
    main = max(heard, key=lambda h: sum(s.length_s for s in h.speech))
    main = heard[0] if heard[0].speech else main
    remarks = [remark for h in heard for remark in h.remarks]
    if len(heard) > 1:
        remarks.append(
            f"the film has {len(heard)} sound tracks: words are those of track {heard.index(main) + 1}, voices were "
            "looked for in all of them"
        )
    there = [(stream.index, h) for stream, h in zip(streams, heard, strict=True) if len(h.main)]
    aside = bool(there) and min(there, key=lambda one: one[0])[1] is not main
    if aside:
        remarks.append("that is not the first track: nobody's own voice is heard in the result, whatever the plan says")
    voiced = union([span for h in heard for span in h.voiced])
    if not voiced:
        remarks.append("nobody is heard in the film")
    remarks += _no_speech(voiced, main.speech)
    return _Sounds(main.main, main.speech, voiced, tuple(dict.fromkeys(remarks)), aside)


def _track(case: Case, stream: SoundStream, offset_s: Fraction, progress: Progress) -> _Sounds:
    listener, sound = Listener(), np.zeros(round((case.end_s + 1) * HEARING_HZ), np.float32)
    done = 0
    count = int(case.end_s // PIECE_S) + 1
    for piece in progress(pieces(case.film, stream.index, offset_s), doing="hearing", total=count):
        listener.take(piece)
        if done + len(piece) > len(sound):  # the sound outlasts the picture
            sound = np.concatenate([sound[:done], np.zeros(len(piece), np.float32)])
        sound[done : done + len(piece)] = piece
        done += len(piece)
    if not done:
        whole = (Span(Fraction(0), case.end_s),)
        return _Sounds(sound[:0], (), whole, ("a sound track cannot be decoded: it is taken for a voice throughout",))
    activity = listener.done()
    slow = stream.rate_hz and stream.rate_hz < HEARING_HZ
    remarks = (f"the sound was recorded at {stream.rate_hz} Hz, so words are less sure",) if slow else ()
    return _Sounds(sound[:done], speech_spans(activity), voiced_spans(activity), remarks)


def _no_speech(voiced: Sequence[Span], speech: Sequence[Span]) -> list[str]:
    """Return the remark on sound that may be a voice and is no speech: music, laughter, crowds."""
    found = []
    for span in voiced:
        inside = [s for s in speech if s.meets(span)]
        edges = [span.start, *(at for s in inside for at in (s.start, s.end)), span.end]
        found += [Span(a, b) for a, b in zip(edges[::2], edges[1::2], strict=True) if b - a > _NO_SPEECH_S]
    if not found:
        return []
    places = "one place" if len(found) == 1 else f"{len(found)} places"
    first = clock(found[0].start)
    return [f"{places} may hold music, laughter or another voice without words, the first at {first}: treated as voice"]


def _overlaps(found: Sequence[Turn]) -> tuple[str, ...]:
    spans = union([span for turn in found for span in turn.overlapped])
    if not spans:
        return ()
    places = "one place" if len(spans) == 1 else f"{len(spans)} places"
    first = clock(spans[0].start)
    return (f"two speak at once in {places}, the first at {first}: check there who says what",)


def _said(case: Case, wish: Wish, recogniser: Recogniser, sounds: _Sounds, progress: Progress) -> _Words:
    """Return what is said: by subtitles where there are some, with the times of what was recognised; else by that."""
    shown, remarks, made_by = _shown(case, wish, sounds)
    language = wish.language or language_of(shown)
    heard = Recognised((), language)
    if sounds.speech and not (shown and recogniser.languages and language and language not in recogniser.languages):
        heard = recognise(recogniser, sounds.main, sounds.speech, language, progress)
    words = tuple(plain for word in heard.words if (plain := _plain(word)).text)
    if not shown:
        return _Words(
            words, f"written down by {recogniser.made_by}", heard.language, "recognised", heard.lost, heard.remarks
        )
    if len(words) >= _FEW_WORDS:
        texts = [Word(text, cue.span) for cue in shown for text in cue.text.split()]
        if agreement(texts, words) < _SAME_WORDS:
            raise VeilError(
                "the subtitles are not what is said in the film",
                "give subtitles in the language that is spoken; a translation has its own place, later",
            )
        language = heard.language
    said: list[Word] = []
    for cue in shown:
        bare = [plain for text in cue.text.split() if (plain := _plain(Word(text, cue.span))).text]
        said += lined_up(bare, cue.span, words, sounds.speech)
    lost = tuple(s for s in sounds.speech if s.length_s > 1 and not any(s.meets(cue.span) for cue in shown))
    if not language:
        remarks.append("the language of the subtitles is not known: name it with --language")
    return _Words(tuple(said), made_by, language, "subtitles", lost, tuple(remarks))


def _shown(case: Case, wish: Wish, sounds: _Sounds) -> tuple[tuple[Cue, ...], list[str], str]:
    """Return the cues of the user's subtitles, or of those inside the film, laid over what is spoken."""
    if not wish.subtitles:
        inside = subtitles_inside(case.film, film_offset_s(case.film))
        fitting = [s for s in inside if not wish.language or s.language[:2] in (wish.language, "")]
        if not fitting or wish.model:
            return (), [], ""
        inside_cues = tuple(cue for span, text in fitting[0].shown for cue in spoken(span, text))
        return inside_cues, [], "taken from the subtitles inside the film"
    end = max(case.end_s, Fraction(len(sounds.main), HEARING_HZ))
    found = read_subtitles(Path(wish.subtitles))
    remarks = [f"{found.skipped} subtitles have times that make no sense and are left out"] if found.skipped else []
    cues = found.cues
    if sounds.speech:
        how = fit(cues, sounds.speech, end)
        if not how.belongs:
            raise VeilError(
                "the subtitles do not belong to this film: they are shown where nobody speaks",
                "give the subtitles of this cut of the film, or leave them out",
            )
        if len(cues) < FEW:
            remarks.append("so few subtitles do not tell whether they belong to this film: see for yourself")
        if how.moved:
            stretch = f", their clock made {float(how.stretch):.4f} times as long" * (how.stretch != 1)
            remarks.append(f"the subtitles were moved by {float(how.shift_s):+.2f} s{stretch} to fit what is spoken")
            cues = moved(cues, how, end)
    cues = tuple(cue for cue in cues if cue.span.start < end)
    if not cues:
        raise VeilError("the subtitles begin after the film ends", "give the subtitles of this film")
    return cues, remarks, "taken from the subtitles that were given"


def _plain(word: Word) -> Word:
    """Return a word without the signs that mean something in the transcript."""
    text = word.text.translate(_MARKS)
    return replace(word, text=text if any(c.isalnum() for c in text) else "", sure=round(word.sure, 3))


def _phrases(said: _Words, found: Sequence[Turn]) -> tuple[Phrase, ...]:
    """Return words as phrases of who speaks them, and the places of which nobody knows what is said as empty ones."""
    whose = steadied([(speaker_of(word.span, found), word) for word in said.words])
    phrases = [*phrased(whose, said.source)]
    for span in said.lost:
        count = -(-span.length_s // LONGEST_S)
        for k in range(int(count)):
            part = Span(span.start + span.length_s * k / count, span.start + span.length_s * (k + 1) / count)
            phrases.append(Phrase(speaker_of(part, found), part, ()))
    return tuple(sorted(_on_the_clock(phrases), key=lambda p: p.span))


def _on_the_clock(phrases: Sequence[Phrase]) -> list[Phrase]:
    """Return phrases with spans to the millisecond, as they are written, none of them without length."""
    found = []
    for phrase in phrases:
        start = Fraction(round(phrase.span.start * 1000), 1000)
        end = max(Fraction(round(phrase.span.end * 1000), 1000), start + Fraction(1, 20))
        found.append(replace(phrase, span=Span(start, end)))
    return found
