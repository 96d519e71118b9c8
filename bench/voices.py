"""Attacks voices: ``python -m bench.voices [--speech DIR] [--systems ...] [--quick]``. Bad figures are told like good.

Ten speakers by ten utterances (LibriSpeech test-other): the first five are what an opponent knows of each, the others
are disguised and attacked. Others, one utterance each, are what an opponent trains on, and strangers to be told from.

- *ignorant*: the original against the result. *reversal*: the same after the best of all shifts of the result.
- *lazy*: what is known is disguised first, with other seeds. *trained*: linear discriminants learnt from the others'
  original and disguised speech, original against result. *semi-informed*: the same, with what is known disguised too.
- *timing*: only when words begin and end. *words*: only which words are said; LibriSpeech reads books, and a reader is
  known by the book, so this says nothing of a witness (Franzreb; see the field notes).

Equal error rates in percent (50 is chance) with a bootstrap over speakers; top-1 among ten of five utterances pooled
(chance 10); the mean place among the ten and all others in percent (50 is chance); true accepts at 1 % false ones.
Ten speakers are few: intervals are wide, and a small difference is none.
"""

import argparse
import sys
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench import films
from bench.disguised_speech import Set, Spoken, Workshop, phrases_of, read_set
from veil.adversary.rhythm import rhythm
from veil.adversary.speakers import NAMES, STRAIGHT, Bend, Vectors, bent, listener, spoken, unit
from veil.adversary.voices import SEARCH
from veil.nouns.speech import HEARING_HZ, Phrase, Placed, Word
from veil.nouns.time import Span

SYSTEMS = ("original", "shifted", "revoice")
_SHIFT = Bend(-4, -4)
_KNOWN = 5  # utterances of each that an opponent knows; the rest is attacked
_LAZY = 3  # of them, as many as a lazy opponent disguises
_SEARCHED_S = 4  # of a probe, on which shifts are tried
_DRAWS = 300
_COMMON = 40  # words by which a text is told

Scores = NDArray[np.float64]
"""Of each probe against each speaker, (probes, speakers); the higher, the more alike."""


@dataclass(frozen=True, eq=False)
class Trial:
    """What an attacker made of all probes: `owners` (probes,) are places among the first ten of the columns."""

    scores: Scores
    owners: NDArray[np.int64]
    strangers: Scores | None = None  # of the probes against people who are not among the ten


def equal_error(genuine: NDArray[np.floating], strange: NDArray[np.floating]) -> float:
    """Return the share of mistakes where both kinds are as frequent."""
    at = np.sort(np.concatenate([genuine, strange]))
    missed = np.searchsorted(np.sort(genuine), at) / len(genuine)
    let_in = 1 - np.searchsorted(np.sort(strange), at) / len(strange)
    place = int(np.argmin(np.abs(missed - let_in)))
    return float((missed[place] + let_in[place]) / 2)


def summed_up(trial: Trial) -> dict[str, str]:
    """Return the figures of one attack, as text."""
    people = np.unique(trial.owners)
    random = np.random.default_rng(0)

    def rate(chosen: NDArray[np.int64]) -> float:
        if len(set(chosen.tolist())) < 2:
            return np.nan
        rows = np.concatenate([np.flatnonzero(trial.owners == p) for p in chosen])
        own = trial.scores[rows, trial.owners[rows]]
        other = np.concatenate([trial.scores[r, [p for p in chosen if p != trial.owners[r]]] for r in rows])
        return equal_error(own, other)

    draws = [rate(random.choice(people, len(people))) for _ in range(_DRAWS)]
    low, high = np.nanpercentile(draws, [2.5, 97.5])
    pooled = np.stack([trial.scores[trial.owners == p].mean(0) for p in people])
    hits = int((pooled.argmax(1) == people).sum())
    own = trial.scores[np.arange(len(trial.owners)), trial.owners]
    other = trial.scores[np.arange(trial.scores.shape[1])[None] != trial.owners[:, None]]
    caught = float((own >= np.quantile(other, 0.99)).mean())
    told = {
        "EER": f"{100 * rate(people):.1f} ({100 * low:.0f}-{100 * high:.0f})",
        "top-1": "{} of {} ({:.0f}-{:.0f} %)".format(hits, len(people), *(100 * x for x in _wilson(hits, len(people)))),
        "TPR@1%": f"{100 * caught:.0f}",
    }
    if trial.strangers is not None:
        crowd = np.stack([trial.strangers[trial.owners == p].mean(0) for p in people])
        places = [
            float((np.concatenate([np.delete(row, p), far]) >= row[p]).mean())
            for p, row, far in zip(people, pooled, crowd, strict=True)
        ]
        spread = np.std([np.mean(random.choice(places, len(places))) for _ in range(_DRAWS)])
        told["place"] = f"{100 * np.mean(places):.0f} ± {196 * spread:.0f} % of {pooled.shape[1] + crowd.shape[1]}"
    return told


def _wilson(hits: int, of: int) -> tuple[float, float]:
    share, z = hits / of, 1.96
    middle = (share + z * z / (2 * of)) / (1 + z * z / of)
    half = z * np.sqrt(share * (1 - share) / of + z * z / (4 * of * of)) / (1 + z * z / of)
    return float(middle - half), float(middle + half)


# ── voices ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, eq=False)
class Material:
    """What one system made: of the ten, known and attacked utterances; of the others, theirs and the disguised."""

    known: tuple[Spoken, ...]
    originals: tuple[Spoken, ...]  # of the probes
    probes: tuple[Spoken, ...]
    disguised: tuple[Spoken, ...]  # of the known
    others: tuple[Spoken, ...]
    others_disguised: tuple[Spoken, ...]
    bend: Bend = STRAIGHT  # what is done to disguised speech while it is listened to: the system "shifted"


class Attackers:
    """One net's attacks on one system."""

    def __init__(self, name: str, made: Material, shop: Workshop) -> None:
        self._ear, self._made, self._shop = listener(name), made, shop
        self._people = sorted({u.who for u in made.known})

    def vectors(self, speech: Sequence[Spoken], bend: Bend = STRAIGHT) -> Vectors:
        """Return one vector an utterance."""
        return np.stack([self._looked(u, bend, "straight", lambda u=u: self._straight(u, bend)) for u in speech])  # type: ignore[misc]

    def _straight(self, u: Spoken, bend: Bend) -> Vectors:
        return self._ear.embed(self._ear.spectrum(spoken(u.sound)), bend)

    def _looked(self, u: Spoken, bend: Bend, how: str, make: Callable[[], Vectors]) -> Vectors:
        name = f"{self._ear.name} {how} {bend} {_key(u)}"
        return np.asarray(self._shop.kept_array(name, make), np.float32)

    def templates(self, speech: Sequence[Spoken], bend: Bend = STRAIGHT) -> Vectors:
        """Return the mean of each of the ten."""
        rows = self.vectors(speech, bend)
        who = np.array([u.who for u in speech])
        return np.stack([unit(rows[who == p].mean(0)) for p in self._people])

    def trial(self, probes: Vectors, templates: Vectors, strangers: Vectors | None) -> Trial:
        owners = np.array([self._people.index(u.who) for u in self._made.probes])
        far = None if strangers is None else (probes @ strangers.T).astype(np.float64)
        return Trial((probes @ templates.T).astype(np.float64), owners, far)

    def ignorant(self) -> Trial:
        made = self._made
        return self.trial(self.vectors(made.probes, made.bend), self.templates(made.known), self.vectors(made.others))

    def reversal(self) -> Trial:
        """Each shift of the probes against all templates; the best of them counts."""
        made, best, far = self._made, None, None
        templates, others = self.templates(made.known), self.vectors(made.others)
        rows = [self._shifted(u, made.bend) for u in made.probes]
        for index in range(len(SEARCH) + 1):
            shown = np.stack([row[index] for row in rows])
            near, away = shown @ templates.T, shown @ others.T
            best = near if best is None else np.maximum(best, near)
            far = away if far is None else np.maximum(far, away)
        owners = self.trial(np.zeros((len(rows), templates.shape[1]), np.float32), templates, None).owners
        return Trial(np.asarray(best, np.float64), owners, np.asarray(far, np.float64))

    def _shifted(self, u: Spoken, bend: Bend) -> Vectors:
        def make() -> Vectors:
            power = bent(self._ear.spectrum(spoken(u.sound)[: _SEARCHED_S * HEARING_HZ]), bend)
            return np.stack([self._ear.embed(power, b) for b in (STRAIGHT, *SEARCH)])

        return self._looked(u, bend, "searched", make)

    def lazy(self) -> Trial:
        made = self._made
        return self.trial(self.vectors(made.probes, made.bend), self.templates(made.disguised, made.bend), None)

    def trained(self, semi: bool) -> Trial:
        """Linear discriminants that bring two sayings of a person together, beside what the net itself says."""
        made = self._made
        plain, other = self.vectors(made.others), self.vectors(made.others_disguised, made.bend)
        who = [u.who for u in made.others]
        also = [who.index(u.who) for u in made.others_disguised]
        learn = _discriminants(plain[also] - plain.mean(0), other - other.mean(0))
        shown = self.vectors(made.probes, made.bend)
        known = self.templates(made.disguised, made.bend) if semi else self.templates(made.known)
        middle = other.mean(0) if semi else plain.mean(0)
        learnt = self.trial(unit((shown - other.mean(0)) @ learn), unit((known - middle) @ learn), None)
        raw = self.trial(shown, known, None)  # what few people teach is not all that is known
        scores = learnt.scores / learnt.scores.std() + raw.scores / raw.scores.std()
        return Trial(scores, raw.owners)


def _key(u: Spoken) -> str:
    return f"{u.name} {zlib.crc32(u.sound.tobytes())}"


def _discriminants(one: Vectors, other: Vectors) -> NDArray[np.float32]:
    """Return directions (D, K) in which two sayings of a person agree and people differ (Fisher), shrunk for few."""
    means, apart = (one + other) / 2, (one - other) / 2
    within = apart.T @ apart / len(apart)
    between = np.cov(means.T)
    within += np.eye(len(within)) * (0.1 * np.trace(within) / len(within) + 1e-6)
    values, vectors = np.linalg.eigh(np.linalg.solve(np.linalg.cholesky(within), between) @ np.linalg.inv(
        np.linalg.cholesky(within)).T)  # fmt: skip
    best = np.argsort(values)[::-1][: min(40, len(one) // 2)]
    return np.asarray(np.linalg.solve(np.linalg.cholesky(within).T, vectors[:, best]), np.float32)


# ── timing, words ──────────────────────────────────────────────────────────────────────────────────────────────────


def timing_features(u: Spoken) -> NDArray[np.float64]:
    """Return how an utterance is timed, whatever is said and by what voice: tempo, pauses, and their spread."""
    times, letters = np.array(u.times), np.array([len(w) + 1 for w in u.words])
    if len(times) < 4:
        return np.zeros(12)
    lengths, gaps = times[:, 1] - times[:, 0], np.maximum(times[1:, 0] - times[:-1, 1], 0)
    slow = np.log(np.maximum(lengths, 0.02) / letters)
    steps = np.log(np.maximum(np.diff(times[:, 0]), 0.02) / letters[:-1])
    short = letters <= np.median(letters)
    uneven = slow[short].mean() - slow[~short].mean() if any(~short) else 0
    pauses = gaps[gaps > 0.15]
    return np.array([
        slow.mean(), slow.std(), steps.mean(), steps.std(), uneven,
        np.log(len(u.words) / times[-1, 1]), len(pauses) / len(u.words), np.log(pauses.mean()) if len(pauses) else -2,
        pauses.std() if len(pauses) > 1 else 0, np.corrcoef(slow[1:], slow[:-1])[0, 1], np.percentile(steps, 90),
        np.percentile(steps, 10),
    ])  # fmt: skip


def timing(made: Material) -> Trial:
    """Known and attacked utterances by nothing but their timing, each normalised by its own kind."""
    return _by_features(made, timing_features)


def _by_features(made: Material, features: Callable[[Spoken], NDArray[np.float64]]) -> Trial:
    people = sorted({u.who for u in made.known})
    known, probes = (np.stack([features(u) for u in s]) for s in (made.known, made.probes))
    known, probes = ((f - f.mean(0)) / (f.std(0) + 1e-9) for f in (known, probes))
    who = np.array([u.who for u in made.known])
    templates = np.stack([known[who == p].mean(0) for p in people])
    scores = -((probes[:, None] - templates[None]) ** 2).sum(2)
    return Trial(scores, np.array([people.index(u.who) for u in made.probes]))


def words(made: Material) -> Trial:
    """Known and attacked utterances by how often they use the commonest words (Burrows's delta)."""
    every = [_bare(w) for u in made.known for w in u.words]
    common = sorted(set(every), key=lambda w: -every.count(w))[:_COMMON]

    def counted(u: Spoken) -> NDArray[np.float64]:
        said = [_bare(w) for w in u.words]
        return np.array([said.count(w) / max(1, len(said)) for w in common])

    return _by_features(made, counted)


def _bare(word: str) -> str:
    return "".join(c for c in word.lower() if c.isalpha() or c == "'")


def word_errors(was: Spoken, now: Spoken) -> tuple[int, int]:
    """Return how many words an utterance that was heard again has wrong, and of how many."""
    old, new = ([_bare(w) for w in u.words if _bare(w)] for u in (was, now))
    row = list(range(len(new) + 1))
    for i, one in enumerate(old, 1):
        last, row[0] = row[0], i
        for j, other in enumerate(new, 1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (one != other))
    return row[-1], len(old)


def rhythm_kept(made: Material) -> list[float]:
    """Return the correlation of rhythms that the attack on a film measures, speaker by speaker."""
    found = []
    for who in sorted({u.who for u in made.probes}):
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


# ── the table ──────────────────────────────────────────────────────────────────────────────────────────────────────


def material(system: str, speech: Set, shop: Workshop) -> Material:
    """Return what a system makes; what was made before is found again."""
    number = {u.name: int(u.name[-4:]) % 10 for u in speech.tested}
    known = tuple(shop.heard(u) for u in speech.tested if number[u.name] < _KNOWN)
    originals = tuple(shop.heard(u) for u in speech.tested if number[u.name] >= _KNOWN)
    if system != "revoice":
        bend = _SHIFT if system == "shifted" else STRAIGHT
        return Material(known, originals, originals, known[:], speech.others, speech.others, bend)
    pairs = [(u, shop.revoiced(u, seed("probe", u.who))) for u in originals]
    lazy = [shop.revoiced(u, seed("enrol", u.name)) for u in known if number[u.name] < _LAZY]
    others = [shop.revoiced(u, seed("train", u.name)) for u in speech.others]
    return Material(
        known,
        tuple(u for u, now in pairs if now),
        tuple(now for _, now in pairs if now),
        tuple(u for u in lazy if u),
        speech.others,
        tuple(u for u in others if u),
    )


def seed(kind: str, name: str) -> int:
    """Return a seed: one for all that a person says in a film, another for every utterance that an opponent makes."""
    return zlib.crc32(f"{kind} {name}".encode())


def table(system: str, made: Material, shop: Workshop) -> list[str]:
    """Return the rows of one system."""
    rows = []
    for name in NAMES:
        attackers = Attackers(name, made, shop)
        tried: dict[str, Callable[[], Trial]] = {
            "ignorant": attackers.ignorant,
            "reversal": attackers.reversal,
            "lazy": attackers.lazy,
            "trained": lambda a=attackers: a.trained(semi=False),  # type: ignore[misc]  # bound now
            "semi-informed": lambda a=attackers: a.trained(semi=True),  # type: ignore[misc]
        }
        rows += [_row(system, name, attacker, attack()) for attacker, attack in tried.items()]
    rows += [_row(system, "-", "timing", timing(made)), _row(system, "-", "words", words(made))]
    if system == "revoice":
        errors = [word_errors(was, shop.heard(now)) for was, now in zip(made.originals, made.probes, strict=True)]
        wrong, of = (sum(column) for column in zip(*errors, strict=True))
        kept = rhythm_kept(made)
        rows.append(
            f"{system:9} WER of the result against what was heard of the original: {100 * wrong / of:.1f} % of {of}"
        )
        rows.append(f"{system:9} rhythm kept, by speaker: {' '.join(f'{k:.2f}' for k in sorted(kept))}")
    return rows


def _row(system: str, net: str, attacker: str, trial: Trial) -> str:
    told = "  ".join(f"{k} {v}" for k, v in summed_up(trial).items())
    return f"{system:9} {net:12} {attacker:14} {told}"


def main() -> int:
    """Print the table; speech that was made is kept in bench/out/voices."""
    parser = argparse.ArgumentParser(prog="python -m bench.voices", epilog="example: python -m bench.voices --quick")
    parser.add_argument("--speech", help="folder to measure on (default: $VEIL_BENCH_SPEECH, then ../shared/speech)")
    parser.add_argument("--systems", nargs="+", default=SYSTEMS, choices=SYSTEMS)
    parser.add_argument("--quick", action="store_true", help="20 others to train on, not 60")
    parser.add_argument("--others", type=int, help="so many others to train on")
    parser.add_argument("--kept", type=Path, default=films.OUT / "voices", help="where made speech is kept")
    asked = parser.parse_args()
    folder = films.folder(asked.speech, "VEIL_BENCH_SPEECH", "speech")
    if folder is None:
        sys.stderr.write("no speech to measure on: name a folder with --speech\n")
        return 2
    speech = read_set(folder, asked.others or (20 if asked.quick else 60), 6.0)
    shop = Workshop(asked.kept)
    for system in asked.systems:
        for row in table(system, material(system, speech, shop), shop):
            sys.stdout.write(row + "\n")
            sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
