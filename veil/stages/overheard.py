"""Overheard: play the opponent who listens. Who is recognised by their voice, and what is left of the original.

The sounds are read in pieces on the film's clock. Whose voice the plan lets be heard is told, not tried.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from math import ceil
from pathlib import Path

import numpy as np
import soxr

from veil.adversary.residue import WINDOW_S, Leftover, attack_on_rest, hum
from veil.adversary.rhythm import attack_on_rhythm
from veil.adversary.voices import Voiceprint
from veil.adversary.words import (
    HiddenWord,
    Searched,
    Spotter,
    attack_on_words,
    controls,
    explained,
    said_openly,
)
from veil.disguise.words.contract import Tongue, tongue
from veil.disguise.words.spelling import tokens
from veil.media import SOUND_HZ, pieces, probe, read
from veil.media.hearing import to_mono
from veil.nouns.plan import Plan
from veil.nouns.report import BY_PLAN, OWN_VOICE, VOICES, Attack
from veil.nouns.speech import HEARING_HZ, Heard, Placed, Sound, Turn
from veil.nouns.time import Span, clock
from veil.stages.audible import CELL_S, audible, speech_cells, stretches
from veil.stages.by_hand import freed_by_hand, freed_told
from veil.stages.case import Case, CaseFolder
from veil.stages.heard import load_heard
from veil.stages.hidden_words import LANGUAGES, Hidden, hidden_among, standing
from veil.stages.names_file import load_names
from veil.stages.placed import load_placed
from veil.stages.sound_ledger import owed, own_spans, within, without
from veil.stages.words_found import SWEPT

_HUM_HZ = 8000
_HUM_S = 600  # of sound in which the hum of the mains is looked for
_LONGEST_S = 20  # of speech that is looked at in one piece
_SHORTEST_S = Fraction(3, 10)
_SEARCHED_S, _OVERLAP_S = 15, 1  # of the result that are searched for words at once
_LEAST_LETTERS = 2  # of a word that is part of a name
ROOM = "own room"
_EDGE_S = Fraction(1, 10)  # around a new line, where its echo is, and not what is left between the words


@dataclass(frozen=True)
class Ear:
    """A film's sound: where its file is, and when its first frame lies on the file's own clock."""

    path: Path
    offset_s: Fraction
    end_s: Fraction

    def cut(self, spans: Sequence[Span]) -> Iterator[Sound]:
        """Yield the sound of each span in mono at 16 kHz, in the order of their starts; spans may overlap.

        Holds no more than the longest span and a piece. A film without sound is silent.
        """
        held, begins = np.zeros(0, np.float32), 0
        stream = self._mono()
        for span in sorted(spans):
            first, last = (round(at * HEARING_HZ) for at in (span.start, span.end))
            drop = min(max(first - begins, 0), len(held))
            held, begins = held[drop:], begins + drop
            while begins + len(held) < last and (piece := next(stream, None)) is not None:
                held = np.concatenate([held, piece])
                drop = min(max(first - begins, 0), len(held))
                held, begins = held[drop:], begins + drop
            there = held[max(0, first - begins) : max(0, last - begins)]
            yield np.pad(there, (0, max(0, last - first - len(there))))

    def _mono(self) -> Iterator[Sound]:
        change = soxr.ResampleStream(SOUND_HZ, HEARING_HZ, 1, dtype="float32")
        for piece in pieces(self.path, self.offset_s, self.end_s):
            yield np.asarray(change.resample_chunk(to_mono(piece)), np.float32)
        yield np.asarray(change.resample_chunk(np.zeros(0, np.float32), last=True), np.float32)


def ear(path: Path, end_s: Fraction) -> Ear:
    """Return the sound of a film on the clock of its first frame; raise VeilError when it is no film."""
    with read(probe(path)) as frames:
        return Ear(path, frames.offset_s, end_s)


@dataclass(frozen=True)
class Listening:
    """What the opponent who listens starts from: who was heard in the original, and which words were to be hidden.

    With nothing of it, all of the film's sound is taken for a hidden voice. Words that stand in the original's
    transcript and not in the new lines are searched for in any case. `told` tells whether a hidden word stands in
    what a new voice was given; without it the hidden words are looked for letter by letter.
    """

    heard: Heard = field(default_factory=Heard)
    hidden: tuple[HiddenWord, ...] = ()
    told: Hidden | None = None


NOTHING_HEARD = Listening()


def hidden_words(folder: CaseFolder) -> tuple[HiddenWord, ...]:
    """Return the names that names.toml hides everywhere, in each form in which they were said, capitals or none.

    Of what is said in several words the ordinary ones are not searched for alone: "the" in the name of a place. Raises
    VeilError where the file is damaged.
    """
    readers = _readers()
    found = []
    for entry in load_names(folder.names).entries:
        if entry.does != "kept" and entry.kind in SWEPT:
            forms = {form for said in (entry.said, *entry.also) for form in _forms(said, readers)}
            forms = {form for form in forms if len(_bare(form)) > _LEAST_LETTERS}
            found += [HiddenWord(tuple(sorted(forms)))] if forms else []
    return tuple(found)


def _readers() -> list[Tongue]:
    return [reader for code in LANGUAGES if (reader := tongue(code)) is not None]


def _forms(said: str, readers: Sequence[Tongue]) -> list[str]:
    """Return what is to be searched for of something hidden: all of it, and each word of it that is no ordinary one."""
    words = [token.text for token in tokens(said)]
    telling = [w for w in words if not any(r.bare(w) or (w.islower() and r.ordinary(w)) for r in readers)]
    return words if len(words) < 2 else [" ".join(words), *telling]


def replaced(heard: Heard, placed: Sequence[Placed]) -> tuple[HiddenWord, ...]:
    """Return the words of the original in whose place new lines say something else, or nothing."""
    found: dict[str, HiddenWord] = {}
    for phrase in heard.transcript.phrases:
        new = [line for line in placed if line.speaker == phrase.speaker and line.span.meets(phrase.span)]
        said = {_bare(word.text) for line in new for word in line.words}
        for word in phrase.words if new else ():
            if _bare(word.text) not in said | {""}:
                found.setdefault(_bare(word.text), HiddenWord((word.text,)))
    return tuple(found.values())


def _bare(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum())


def overheard(
    case: Case, plan: Plan, folder: CaseFolder, result: Path, listening: Listening | None = None
) -> tuple[Attack, ...]:
    """Attack the sound of the result, where the plan disguises it; raise VeilError when a file cannot be read.

    Without `listening`, what `veil hear` kept in the case is taken.
    """
    if plan.sound != "disguised":
        return ()
    told = freed_told(freed_by_hand(case, plan, folder)) if listening is None else ""
    if listening is None:
        hides = hidden_among(load_names(folder.names).entries, _readers())
        listening = Listening(load_heard(folder), hidden_words(folder), hides)
    heard, placed = listening.heard, load_placed(folder)
    was, now = ear(case.film.path, case.end_s), ear(result, case.end_s)
    rate_hz = case.film.rate_hz
    found = [Attack(None, OWN_VOICE, "the transcript", None, None, "warned", said=told)] if told else []
    for speaker in dict.fromkeys((*heard.speakers, *(line.speaker for line in placed))):
        found += _person(speaker, plan, (heard, placed), (was, now), rate_hz)
    found += _own_sound(plan, heard, was, case.end_s)
    found += _rest(owed(plan, listening.heard, case.end_s), was, now, rate_hz)
    found += _words(placed, (listening, replaced(heard, placed)), now, rate_hz)
    return tuple(found)


def _person(
    speaker: str, plan: Plan, said: tuple[Heard, tuple[Placed, ...]], ears: tuple[Ear, Ear], rate_hz: Fraction
) -> list[Attack]:
    """Return what was tried on one voice: in turns, pooled, by its rhythm, and between the new words."""
    heard, placed = said
    mine = [turn for turn in heard.turns if turn.speaker == speaker]
    role = plan.role_of(speaker)
    attacks = []
    told = within([t.span for t in mine], role.voicing.heard)
    if told or any(role.veil(t.span.start) <= 0 for t in mine):
        where = f" from {clock(told[0].start)}" if told else ""
        words = f"by the plan their own voice is heard{where}; everyone who knows it knows them: nobody tried it"
        attacks.append(Attack(speaker, OWN_VOICE, BY_PLAN, None, None, "warned", said=words))
    hidden = [span for turn in mine for span in _in_pieces(without(_alone(turn), own_spans(role)))]
    lines = [line for line in placed if line.speaker == speaker and not role.sounds(line.span.start)]
    if not hidden and not lines:
        return attacks
    known = Voiceprint(speaker)
    for span, sound in zip(sorted(hidden), ears[0].cut(hidden), strict=True):
        known.original(span.start, sound)
    spans = _in_pieces(line.span for line in lines)
    for span, sound in zip(sorted(spans), ears[1].cut(spans), strict=True):
        known.result(span.start, sound)
    quiet = without(hidden, [_wider(line.span) for line in placed])
    for span, sound in zip(sorted(quiet), ears[1].cut(quiet), strict=True):
        known.between(span.start, sound)
    tried = [_as_planned(attack, plan, lines) for attack in known.attacks(rate_hz)]
    between = known.attack_between(rate_hz)
    beat = attack_on_rhythm(speaker, heard.transcript.phrases, lines)
    return [*attacks, *tried, *(a for a in (between, beat) if a is not None)]


def _own_sound(plan: Plan, heard: Heard, was: Ear, end_s: Fraction) -> list[Attack]:
    """Return what a person must judge of the original's sound that the plan lets be heard.

    That is the room, in which somebody may whisper, and voices that are like one that is hidden.
    """
    may = audible(plan, heard, end_s)
    room_s = np.count_nonzero(may & ~speech_cells(heard, len(may))) * float(CELL_S)
    attacks = []
    if plan.ambience == "as it is" and room_s:
        words = (
            f"by the plan the original's own sound is heard for {room_s:.0f} s where nobody was heard: a whisper, a "
            "breath, a far voice or the hum of the mains may be in it; nobody tried it, listen to it"
        )
        attacks.append(Attack(None, ROOM, BY_PLAN, None, None, "warned", said=words))
    heard_s = [Span(first * CELL_S, last * CELL_S) for first, last in stretches(may)]
    own = {who: within([t.span for t in heard.turns if t.speaker == who], heard_s) for who in heard.speakers}
    if not any(own.values()):
        return attacks
    prints = {who: _voiceprint(who, _in_pieces(spans), was) for who, spans in own.items() if spans}
    for who in heard.speakers:
        mine = within([part for t in heard.turns if t.speaker == who for part in _alone(t)], _outside(heard_s, end_s))
        hidden = _voiceprint(who, _in_pieces(mine), was)
        for other, known in prints.items():
            if other != who and (at := known.taken_for(hidden)) is not None:
                words = (
                    f"what is heard as {other} about {clock(at)} sounds like {who}, who is hidden: listen to it; if "
                    "they are one person, give both one label in transcript.txt, else name who speaks there"
                )
                attacks.append(Attack(who, OWN_VOICE, "all recognisers", None, None, "warned", said=words))
    return attacks


def _voiceprint(who: str, spans: Sequence[Span], was: Ear) -> Voiceprint:
    known = Voiceprint(who)
    for span, sound in zip(sorted(spans), was.cut(spans), strict=True):
        known.original(span.start, sound)
    return known


def _as_planned(attack: Attack, plan: Plan, lines: Sequence[Placed]) -> Attack:
    """Return what a verdict means by the plan.

    A bent voice hides from viewers alone, and that was chosen knowingly. A voice that says the words anew holds nothing
    of theirs whether or not it can be tried: where too little was heard to try it, a person must judge.
    """
    if attack.channel not in VOICES or attack.verdict == "safe":
        return attack
    if not any(line.by == "convert" for line in lines):
        if attack.verdict != "not proven":
            return attack
        words = f"not tried: {attack.said}; another voice says the words, and nothing of theirs is in it"
        return replace(attack, verdict="warned", said=words)
    words = f"software recognises this voice, as it does every voice that is only bent; {attack.said}"
    return replace(attack, verdict="warned" if plan.hidden_from == "the public" else attack.verdict, said=words)


def _rest(owed: Sequence[Span], was: Ear, now: Ear, rate_hz: Fraction) -> list[Attack]:
    """Return what of the original's own sound is found where hidden voices were."""
    left = Leftover(HEARING_HZ)
    old: list[Sound] = []
    new: list[Sound] = []
    windows = [window for span in owed for window in _windows(span)]
    pairs = zip(sorted(windows), was.cut(windows), now.cut(windows), strict=True)
    for span, before, after in pairs:
        left.take(float(span.start), before, after)
        if len(old) * WINDOW_S < _HUM_S:
            old.append(soxr.resample(before, HEARING_HZ, _HUM_HZ))
            new.append(soxr.resample(after, HEARING_HZ, _HUM_HZ))
    before, after = (np.concatenate([np.zeros(0, np.float32), *part]) for part in (old, new))
    best = left.best
    frame = None if best is None else int(Fraction(best.at_s) * rate_hz)
    hums = hum(before, _HUM_HZ), hum(after, _HUM_HZ)
    attack = attack_on_rest(best, frame, hums)
    if best is None and left.short and attack.verdict == "safe":
        words = "where hidden voices were there is too little sound to look for the original's in: listen to it"
        attack = replace(attack, verdict="warned", said=words)
    return [attack]


def _words(
    placed: tuple[Placed, ...], hidden: tuple[Listening, tuple[HiddenWord, ...]], now: Ear, rate_hz: Fraction
) -> list[Attack]:
    """Return whether a hidden word is heard anywhere in the result; nothing where no word was to be hidden.

    `hidden` are what may be said nowhere, and words that were replaced in one place: they may be said in another.
    """
    nowhere, replaced_once = hidden[0].hidden, hidden[1]
    if not nowhere and not replaced_once:
        return []
    sure: list[float] = []
    faint = said_openly(replaced_once, placed)
    there = controls(placed)
    spotter, trial = Spotter(form for word in (*nowhere, *replaced_once) for form in word.forms), Spotter(there)
    spotted: set[str] = set()
    stretches = [
        Span(at, min(at + _SEARCHED_S + _OVERLAP_S, now.end_s)) for at in _steps(now.end_s, Fraction(_SEARCHED_S))
    ]
    for span, sound in zip(stretches, now.cut(stretches), strict=True):
        for hit in spotter.hits(sound):
            hit = replace(hit, at_s=hit.at_s + float(span.start))  # noqa: PLW2901
            if not explained(hit, placed):
                (sure if hit.sure else faint).append(hit.at_s)
        for hit in trial.hits(sound):
            at_s = hit.at_s + float(span.start)
            if any(start_s - 0.6 <= at_s <= end_s + 0.6 for start_s, end_s in there[hit.word]):
                spotted.add(hit.word)
    told = hidden[0].told
    if told is None:
        given = said_openly(nowhere, placed)
    else:
        given = [float(placed[i].span.start) for i in standing([_said(line) for line in placed], told)]
    found = Searched(tuple(given), tuple(sure), tuple(sorted(faint)), len(trial), len(spotted), len(spotter))
    return [attack_on_words(found, float(rate_hz))]


def _outside(spans: Sequence[Span], end_s: Fraction) -> tuple[Span, ...]:
    return without([Span(Fraction(0), end_s)], spans)


def _said(line: Placed) -> str:
    return " ".join(word.text for word in line.words)


def _steps(end_s: Fraction, step_s: Fraction) -> Iterator[Fraction]:
    at = Fraction(0)
    while at < end_s:
        yield at
        at += step_s


def _windows(span: Span) -> list[Span]:
    """Return a span in windows of one length, none of them too long; so the end is not too short to be looked at."""
    count = max(1, ceil(span.length_s / Fraction(WINDOW_S)))
    step = span.length_s / count
    return [Span(span.start + i * step, span.start + (i + 1) * step) for i in range(count)]


def _alone(turn: Turn) -> list[Span]:
    """Return where only this speaker speaks in their turn, in pieces."""
    return _in_pieces(without([turn.span], turn.overlapped))


def _in_pieces(spans: Iterable[Span]) -> list[Span]:
    """Return spans none of which is too long to be held, and none too short to be heard."""
    cut = []
    for span in spans:
        count = max(1, round(span.length_s / _LONGEST_S))
        step = span.length_s / count
        cut += [Span(span.start + i * step, span.start + (i + 1) * step) for i in range(count)]
    return [span for span in cut if span.length_s >= _SHORTEST_S]


def _wider(span: Span) -> Span:
    return Span(max(Fraction(0), span.start - _EDGE_S), span.end + _EDGE_S)
