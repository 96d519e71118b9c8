"""Attacks on voices by what they sound like: each recogniser of the adversary, by opponents who know more and more."""

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.disguised_speech import Spoken, Workshop
from bench.voice_trials import Places, Scores, Trial
from veil.adversary.speakers import STRAIGHT, Bend, Vectors, bent, listener, spoken, unit
from veil.adversary.voices import SEARCH
from veil.nouns.speech import HEARING_HZ

_SEARCHED_S = 4  # of a probe, on which shifts are tried
_SHRUNK = 0.1
_MOST_DIRECTIONS = 40


@dataclass(frozen=True, eq=False)
class Material:
    """What one system made: of the tested, known and attacked utterances; of the others, theirs and the disguised.

    `draws` say of each probe in which film it is said: each film of a person has parameters of its own.
    """

    known: tuple[Spoken, ...]
    originals: tuple[Spoken, ...]  # of the probes
    probes: tuple[Spoken, ...]
    draws: tuple[int, ...]  # of the probes
    disguised: tuple[Spoken, ...]  # of the known
    others: tuple[Spoken, ...]
    others_disguised: tuple[Spoken, ...]
    bend: Bend = STRAIGHT  # what is done to disguised speech while it is listened to: the system "shifted"

    @property
    def people(self) -> list[str]:
        return sorted({u.who for u in self.known})

    def trial(self, scores: NDArray[np.floating]) -> Trial:
        """Return a trial of all probes against the people, in order."""
        people, sexes = self.people, {u.who: u.sex for u in self.known}
        owners: Places = np.array([people.index(u.who) for u in self.probes])
        named = np.array([sexes[p] for p in people])
        return Trial(np.asarray(scores, np.float64), owners, np.array(self.draws), named)


class Attackers:
    """One net's attacks on one system."""

    def __init__(self, name: str, made: Material, shop: Workshop) -> None:
        self._ear, self._made, self._shop = listener(name), made, shop

    def vectors(self, speech: Sequence[Spoken], bend: Bend = STRAIGHT) -> Vectors:
        """Return one vector an utterance."""
        return np.stack([self._looked(u, bend, "straight", lambda u=u: self._straight(u, bend)) for u in speech])  # type: ignore[misc]

    def _straight(self, u: Spoken, bend: Bend) -> Vectors:
        return self._ear.embed(self._ear.spectrum(spoken(u.sound)), bend)

    def _looked(self, u: Spoken, bend: Bend, how: str, make: Callable[[], Vectors]) -> Vectors:
        name = f"{self._ear.name} {how} {bend} {u.name} {zlib.crc32(u.sound.tobytes())}"
        return np.asarray(self._shop.kept_array(name, make), np.float32)

    def templates(self, speech: Sequence[Spoken], bend: Bend = STRAIGHT) -> Vectors:
        """Return the mean of each of the tested people."""
        rows = self.vectors(speech, bend)
        who = np.array([u.who for u in speech])
        return np.stack([unit(rows[who == p].mean(0)) for p in self._made.people])

    def ignorant(self) -> Trial:
        """The original against the result."""
        made = self._made
        return made.trial(self.vectors(made.probes, made.bend) @ self.templates(made.known).T)

    def reversal(self) -> Trial:
        """Each shift of the probes against all templates; the best of them counts."""
        templates = self.templates(self._made.known)
        rows = np.stack([self._shifted(u, self._made.bend) for u in self._made.probes])  # (probes, shifts, D)
        return self._made.trial((rows @ templates.T).max(1))

    def _shifted(self, u: Spoken, bend: Bend) -> Vectors:
        def make() -> Vectors:
            power = bent(self._ear.spectrum(spoken(u.sound)[: _SEARCHED_S * HEARING_HZ]), bend)
            return np.stack([self._ear.embed(power, b) for b in (STRAIGHT, *SEARCH)])

        return self._looked(u, bend, "searched", make)

    def lazy(self) -> Trial:
        """What is known is disguised first, with other parameters."""
        made = self._made
        return made.trial(self.vectors(made.probes, made.bend) @ self.templates(made.disguised, made.bend).T)

    def trained(self, *, semi: bool = False, net_too: bool = False) -> Trial:
        """Linear discriminants that bring two sayings of a person together, learnt from others' disguised speech.

        What is known stays as it is, or is disguised too (`semi`); the net's own scores may be added (`net_too`),
        because what few people teach is not all that is known. Of each probe only differences count: how well it goes
        with one suspect beside the others.
        """
        made = self._made
        plain, other = self.vectors(made.others), self.vectors(made.others_disguised, made.bend)
        who = [u.who for u in made.others]
        also = [who.index(u.who) for u in made.others_disguised]
        learn = discriminants(plain[also] - plain.mean(0), other - other.mean(0))
        shown = self.vectors(made.probes, made.bend)
        known = self.templates(made.disguised, made.bend) if semi else self.templates(made.known)
        middle = other.mean(0) if semi else plain.mean(0)
        scores = beside(unit((shown - other.mean(0)) @ learn) @ unit((known - middle) @ learn).T)
        return made.trial(scores + beside(shown @ known.T) if net_too else scores)


def beside(scores: NDArray[np.floating]) -> Scores:
    """Return scores of each probe beside those of the other suspects, on a common scale."""
    apart = np.asarray(scores, np.float64)
    apart = apart - apart.mean(1, keepdims=True)
    return np.asarray(apart / max(float(apart.std()), 1e-12))


def discriminants(one: Vectors, other: Vectors) -> NDArray[np.float32]:
    """Return directions (D, K) in which two sayings of a person agree and people differ (Fisher), shrunk for few."""
    means, apart = (one + other) / 2, (one - other) / 2
    within = apart.T @ apart / len(apart)
    between = np.cov(means.T)
    within += np.eye(len(within)) * (_SHRUNK * np.trace(within) / len(within) + 1e-6)
    values, vectors = np.linalg.eigh(np.linalg.solve(np.linalg.cholesky(within), between) @ np.linalg.inv(
        np.linalg.cholesky(within)).T)  # fmt: skip
    best = np.argsort(values)[::-1][: min(_MOST_DIRECTIONS, len(one) // 2)]
    return np.asarray(np.linalg.solve(np.linalg.cholesky(within).T, vectors[:, best]), np.float32)
