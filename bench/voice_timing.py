"""Attacks on voices by nothing but time, or nothing but words; and how near the new speech lies to the old."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from bench.disguised_speech import Spoken, Workshop, phrases_of
from bench.voice_attacks import Material, beside
from bench.voice_trials import Trial
from veil.adversary.rhythm import rhythm
from veil.nouns.speech import HEARING_HZ, Phrase, Placed, Word
from veil.nouns.time import Span

_COMMON = 40  # words by which a text is told
_PAUSE_S = 0.12  # between two words, that counts as one
_SHRUNK = 0.1
_DIRECTIONS = 4
_FEWEST = 6  # words in half an utterance

_SAID_AS = {"mr": "mister", "mrs": "missus", "dr": "doctor"}

Features = NDArray[np.float64]


_KINDS = (
    "AA AE AH AO EH IH UH ER", "AW AY EY IY OW OY UW", "P T K", "B D G", "S SH F TH CH", "Z V DH ZH JH", "M N NG",
    "L R W Y", "HH", "SIL",
)  # fmt: skip
_KIND = {phone: kind for kind, phones in enumerate(_KINDS) for phone in phones.split()}


@dataclass(frozen=True, eq=False)
class Timed:
    """What an opponent has who looks at nothing but time: how the tested people's known sayings are timed, as they
    were or as Veil times them, and those of others, two of each in a row, to learn what stays alike.
    """

    known: tuple[Spoken, ...]
    others: tuple[Spoken, ...]


def timing(had: Timed, made: Material) -> Trial:
    """Known and attacked utterances by nothing but when words begin and end, whatever they are.

    What a word's letters, and its place before a pause, let expect of its length is taken off first; what is left, and
    pauses, tempo and phrases, are weighed by how little they change from one saying of a person to the next (Fisher).
    """
    return _told_apart(had, made, _all_timed)


def phone_timing(had: Timed, made: Material, shop: Workshop) -> Trial:
    """The same by how long each kind of phone lasts, too, in the sound itself."""

    def both(speech: Sequence[Spoken]) -> Features:
        return np.concatenate([_all_timed(speech), _all_phones(speech, shop)], axis=1)

    return _told_apart(had, made, both)


def halves(u: Spoken) -> tuple[Spoken, ...]:
    """Return an utterance as two, cut between words; none where it is too short."""
    count = len(u.words) // 2
    if count < _FEWEST:
        return ()
    cut_s = u.times[count - 1][1]
    cut = round(cut_s * HEARING_HZ)
    later = tuple((max(0.0, a - cut_s), max(0.0, b - cut_s)) for a, b in u.times[count:])
    return (
        replace(u, sound=u.sound[:cut].copy(), words=u.words[:count], times=u.times[:count]),
        replace(u, sound=u.sound[cut:].copy(), words=u.words[count:], times=later),
    )


def _all_timed(speech: Sequence[Spoken]) -> Features:
    expect = _expected(speech)
    return np.stack([_timed(u, expect) for u in speech])


def _all_phones(speech: Sequence[Spoken], shop: Workshop) -> Features:
    """Return of each utterance how much longer than usual each kind of phone is, and how uneven (utterances, 21)."""
    laid = [shop.aligned(u) for u in speech]
    usual: dict[str, float] = {}
    for phone in {p for row in laid for p, _ in row}:
        usual[phone] = float(np.mean([np.log(s) for row in laid for p, s in row if p == phone]))
    rows = []
    for row in laid:
        rest = [(_KIND.get(p, 0), np.log(s) - usual[p]) for p, s in row]
        of = [np.array([r for kind, r in rest if kind == k]) for k in range(len(_KINDS))]
        sounds = np.array([r for kind, r in rest if kind != _KIND["SIL"]])
        rows.append([
            float(sounds.std()) if len(sounds) else 0.0,
            *(float(r.mean()) if len(r) else 0.0 for r in of), *(float(r.std()) if len(r) > 1 else 0.0 for r in of),
        ])  # fmt: skip
    return np.array(rows)


def words(made: Material) -> Trial:
    """Known and attacked utterances by how often they use the commonest words (Burrows's delta)."""
    every = [bare(w) for u in made.known for w in u.words]
    common = sorted(set(every), key=lambda w: (-every.count(w), w))[:_COMMON]

    def counted(u: Spoken) -> Features:
        said = [bare(w) for w in u.words]
        return np.array([said.count(w) / max(1, len(said)) for w in common])

    ours, theirs = (_even(np.stack([counted(u) for u in speech])) for speech in (made.known, made.probes))
    who = np.array([u.who for u in made.known])
    templates = np.stack([ours[who == p].mean(0) for p in made.people])
    return made.trial(beside(-((theirs[:, None] - templates[None]) ** 2).sum(2)))


def bare(word: str) -> str:
    """Return a word in small letters without its stops."""
    return "".join(c for c in word.lower() if c.isalpha() or c == "'")


def _even(rows: Features) -> Features:
    return np.asarray((rows - rows.mean(0)) / (rows.std(0) + 1e-9))


def _told_apart(had: Timed, made: Material, features: Callable[[Sequence[Spoken]], Features]) -> Trial:
    """Return how near each probe is to each person, in the few directions in which people differ most (Fisher)."""
    learnt, ours, theirs = (_even(features(speech)) for speech in (had.others, had.known, made.probes))
    owner = [made.people.index(u.who) for u in had.known]
    templates = np.stack([ours[[o == p for o in owner]].mean(0) for p in range(len(made.people))])
    apart = np.concatenate([(learnt[::2] - learnt[1::2]) / np.sqrt(2), ours - templates[owner]])
    within = apart.T @ apart / (len(apart) - len(templates))
    within = (1 - _SHRUNK) * within + _SHRUNK * np.eye(len(within)) * np.trace(within) / len(within)
    whiten = np.linalg.inv(np.linalg.cholesky(within)).T
    _, ways = np.linalg.eigh(whiten.T @ np.cov((learnt[::2] + learnt[1::2]).T / 2) @ whiten)
    shown = whiten @ ways[:, -_DIRECTIONS:]
    far = ((theirs @ shown)[:, None] - (templates @ shown)[None]) ** 2
    return made.trial(beside(-far.sum(2)))


def _syllables(word: str) -> int:
    letters = bare(word)
    groups = sum(1 for a, b in zip(" " + letters, letters, strict=False) if b in "aeiouy" and a not in "aeiouy")
    return max(1, groups - (letters.endswith("e") and groups > 1 and not letters.endswith("le")))


def _of_words(u: Spoken) -> tuple[Features, Features, Features]:
    """Return what a word's length may be expected from (words, 5), its logarithm, and the pauses between words."""
    times = np.array(u.times).reshape(-1, 2)
    gaps = np.maximum(times[1:, 0] - times[:-1, 1], 0)
    last = np.concatenate([gaps > _PAUSE_S, [True]]).astype(float)
    first = np.concatenate([[True], gaps > _PAUSE_S]).astype(float)
    size = np.array([[1.0, np.log(len(bare(w)) + 1), np.log(_syllables(w))] for w in u.words]).reshape(-1, 3)
    lengths = np.log(np.maximum(times[:, 1] - times[:, 0], 0.02))
    return np.concatenate([size, last[:, None], first[:, None]], axis=1), lengths, gaps


def _expected(speech: Sequence[Spoken]) -> Features:
    """Return how lengths of words go with what they may be expected from, over all speakers together."""
    causes, lengths = zip(*[_of_words(u)[:2] for u in speech if len(u.words)], strict=True)
    return np.asarray(np.linalg.lstsq(np.concatenate(causes), np.concatenate(lengths), rcond=None)[0])


def _timed(u: Spoken, expect: Features) -> Features:
    """Return how an utterance is timed (18,)."""
    if len(u.words) < 4:
        return np.zeros(18)
    causes, lengths, gaps = _of_words(u)
    rest, times = lengths - causes @ expect, np.array(u.times)
    syllables = float(sum(_syllables(w) for w in u.words))
    pauses, whole_s = gaps[gaps > _PAUSE_S], times[-1, 1] - times[0, 0]
    final, long = causes[:, 3] > 0, causes[:, 2] > 0
    begins = np.concatenate([[0], np.flatnonzero(gaps > _PAUSE_S) + 1, [len(times)]])
    phrases = np.array([times[b - 1, 1] - times[a, 0] for a, b in pairwise(begins)])
    steps = np.maximum(np.diff(times[:, 0]), 0.02)

    def mean(values: Features, otherwise: float = 0.0) -> float:
        return float(values.mean()) if len(values) else otherwise

    return np.array([
        mean(rest), rest.std(), mean(rest[final]), mean(rest[~final]), mean(rest[long]) - mean(rest[~long]),
        np.log(syllables / whole_s), np.log(syllables / max(whole_s - pauses.sum(), 0.2)), pauses.sum() / whole_s,
        len(pauses) / len(gaps), np.log(mean(pauses, 0.1)), pauses.std() if len(pauses) > 1 else 0.0,
        float(pauses.max()) if len(pauses) else 0.0, np.log(phrases.mean()), phrases.std(), np.log(phrases.max()),
        float((np.abs(np.diff(lengths - causes @ expect))).mean()), np.log(steps).std(),
        float(np.log(np.percentile(steps, 90) / np.percentile(steps, 10))),
    ])  # fmt: skip


# ── how near the new speech is ─────────────────────────────────────────────────────────────────────────────────────


def word_errors(was: Sequence[str], now: Sequence[str]) -> tuple[int, int]:
    """Return how many words that were heard again are wrong, and of how many."""
    old, new = (_plain(some) for some in (was, now))
    row = list(range(len(new) + 1))
    for i, one in enumerate(old, 1):
        last, row[0] = row[0], i
        for j, other in enumerate(new, 1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (one != other))
    return row[-1], len(old)


def _plain(some: Sequence[str]) -> list[str]:
    """Return words as they sound: "Mr" is said as "mister", and what a hyphen joins as two."""
    apart = [bare(part) for word in some for part in word.replace("-", " ").split()]
    return [_SAID_AS.get(word, word) for word in apart if word]


def onsets_s(was: Spoken, now: Spoken) -> list[float]:
    """Return by how much later each phrase begins in the result than in the original."""
    found, at = [], 0
    for phrase in phrases_of(was):
        found.append(now.times[at][0] - float(phrase.span.start))
        at += len(phrase.words)
    return found


def rhythm_kept(made: Material) -> list[float]:
    """Return the correlation of rhythms that the attack on a film measures, speaker by speaker."""
    found = []
    for who in made.people:
        original: list[Phrase] = []
        result: list[Placed] = []
        for was, now in zip(made.originals, made.probes, strict=True):
            at = 0
            for phrase in phrases_of(was) if now.who == who else ():
                spans = now.times[at : at + len(phrase.words)]
                at += len(phrase.words)
                if len(spans) == len(phrase.words) > 2:
                    said = tuple(
                        Word(w.text, Span(_instant(s), _instant(max(s, e))))
                        for w, (s, e) in zip(phrase.words, spans, strict=True)
                    )
                    apart = Fraction(1000 * len(original))  # so that no two utterances lie at one time
                    original.append(_later(phrase, apart))
                    result.append(Placed(phrase.speaker, original[-1].span, said, (), "revoice"))
        kept = rhythm([replace(p, speaker="P1") for p in original], result)
        if kept is not None:
            found.append(kept[0])
    return found


def _instant(at_s: float) -> Fraction:
    return Fraction(round(at_s * 1000), 1000)


def _later(phrase: Phrase, by: Fraction) -> Phrase:
    return replace(phrase, span=Span(phrase.span.start + by, phrase.span.end + by))
