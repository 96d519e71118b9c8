"""Voices that are bent: the one way of speaking that needs the original's sound, and gets that of its own turns only.

Software recognises such a voice; a plan that hides somebody from more than the public refuses it. Words that are
hidden in the transcript are silent, since nothing speaks them anew.
"""

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction

import numpy as np

from veil.hearing.align import key
from veil.media import SOUND_HZ, Channels
from veil.nouns.plan import Plan
from veil.nouns.speech import DOUBTFUL_TURN, Heard, Line, Sound, Transcript, Word
from veil.nouns.time import Span
from veil.stages.lines import Place
from veil.stages.sound_ledger import joined, own_spans, within, without
from veil.stages.utterances import Utterance, Utterances

_LONGEST_S = 30  # of a turn that is bent at once
_SHORTEST_S = Fraction(1, 5)
_AROUND_S = Fraction(2, 25)  # of a hidden word
_FADE_S = 0.01


def bent(
    plan: Plan, heard: Heard, transcript: Transcript, utterances: Utterances, original: Iterable[Channels]
) -> list[tuple[Utterance, Place]]:
    """Return every stretch of the turns that the plan wants bent, kept like the lines of other voices.

    `transcript` holds the words as disguised, `heard` those of the film; `original` is the film's sound in pieces.
    """
    wanted = bent_spans(plan, heard)
    silent = {who: hidden_words(heard, transcript, who) for who in {who for who, _ in wanted}}
    found = []
    for (who, span), sound in _parts(wanted, original) if wanted else ():
        line = Line(who, (), transcript.language, span.start, span.length_s)
        quiet = _muted(sound, span, silent[who])
        utterance = utterances.bend(line, quiet)
        found.append((utterance, Place(span.start, utterance.length_s)))
    return found


def bent_spans(plan: Plan, heard: Heard) -> list[tuple[str, Span]]:
    """Return who is bent when: turns that are surely theirs, where nobody else speaks and they are not heard anyway."""
    found = []
    for turn in heard.turns:
        role = plan.role_of(turn.speaker)
        if role.voicing.by != "convert" or turn.sure < DOUBTFUL_TURN:
            continue
        others = [other.span for other in heard.turns if other.speaker != turn.speaker]
        for span in without((turn.span,), (*others, *turn.overlapped, *own_spans(role))):
            found += [(turn.speaker, part) for part in _in_parts(span) if part.length_s >= _SHORTEST_S]
    return sorted(found, key=lambda one: one[1])


def hidden_words(heard: Heard, now: Transcript, who: str) -> tuple[Span, ...]:
    """Return when somebody says words that are others in the disguised transcript, or that nobody knows.

    Words that a person took out of the transcript are silent too, wherever they are said.
    """
    was = heard.transcript
    kept = {(w.text, w.span) for p in now.phrases if p.speaker == who for w in p.words}
    gone = [phrase.span for phrase in (*was.phrases, *now.phrases) if phrase.speaker == who and not phrase.words]
    gone += [_around(word) for word in heard.recognised if not _still_said(word, was)]
    for phrase in (p for p in was.phrases if p.speaker == who):
        lost = [word for word in phrase.words if (word.text, word.span) not in kept]
        gone += [_around(word) for word in lost] if all(word.timed for word in lost) else [phrase.span]
    return joined(gone)


def _still_said(word: Word, transcript: Transcript) -> bool:
    """Tell whether a word that was recognised stands in the transcript, at its time."""
    near = [w for p in transcript.phrases if p.span.start <= word.span.end + 1 for w in p.words]
    return any(
        key(w.text) == key(word.text) and w.span.start <= word.span.end and w.span.end >= word.span.start for w in near
    )


def said_in(transcript: Transcript, who: str, span: Span) -> tuple[Word, ...]:
    """Return the words that somebody says in a span, as they stand in the transcript."""
    words = [word for phrase in transcript.phrases if phrase.speaker == who for word in phrase.words]
    return tuple(word for word in words if (word.span.start + word.span.end) / 2 in span)


def _in_parts(span: Span) -> Iterator[Span]:
    start = span.start
    while start < span.end:
        yield Span(start, min(start + _LONGEST_S, span.end))
        start += _LONGEST_S


def _around(word: Word) -> Span:
    return Span(max(Fraction(0), word.span.start - _AROUND_S), word.span.end + _AROUND_S)


def _parts(
    wanted: Sequence[tuple[str, Span]], original: Iterable[Channels]
) -> Iterator[tuple[tuple[str, Span], Sound]]:
    """Yield each wanted stretch with its sound, mono, as the pieces come by."""
    waiting = list(wanted)
    held, at = np.zeros(0, np.float32), 0  # what is held begins at sample `at`
    for piece in original:
        held = np.concatenate([held, piece.mean(0, dtype=np.float32)])
        while waiting and round(waiting[0][1].end * SOUND_HZ) <= at + len(held):
            one = waiting.pop(0)
            yield one, held[round(one[1].start * SOUND_HZ) - at : round(one[1].end * SOUND_HZ) - at]
        needed = round(min((span.start for _, span in waiting), default=Fraction(at)) * SOUND_HZ)
        dropped = min(max(0, needed - at), len(held))
        held, at = held[dropped:], at + dropped


def _muted(sound: Sound, span: Span, silent: Iterable[Span]) -> Sound:
    """Return the sound with fades at its ends, and without what is said in the spans `silent`."""
    gain, fade = np.ones(len(sound), np.float32), round(_FADE_S * SOUND_HZ)
    for hole in within(silent, (span,)):
        first, last = (round((at - span.start) * SOUND_HZ) for at in (hole.start, hole.end))
        gain[first:last] = 0
    gain[:1] = gain[-1:] = 0
    edges: list[int] = np.flatnonzero(np.diff(gain)).tolist()
    for edge in edges:  # fades lie outside of what is hidden
        if gain[edge]:
            first = max(0, edge - fade)
            gain[first : edge + 1] *= np.linspace(1, 0, edge + 1 - first, dtype=np.float32)
        else:
            end = min(len(gain), edge + 1 + fade)
            gain[edge + 1 : end] *= np.linspace(0, 1, end - edge - 1, dtype=np.float32)
    return sound * gain
