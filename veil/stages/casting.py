"""The fitting room: every double is tried on by every witness, and the one is cast that hides them and suits them."""

import json
from collections.abc import Mapping
from fractions import Fraction

import numpy as np

from veil import __version__
from veil.disguise import Disguise, wardrobe
from veil.disguise.faces.head import as_usual
from veil.nouns.cast import Face, Fitting, Sure
from veil.nouns.light import Light
from veil.nouns.picture import Box, Pixels
from veil.nouns.plan import Plan
from veil.sight.recogniser import ALIKE, Recogniser
from veil.stages.case import Case, CaseFolder, looks_at, write_json

_LOOKS_TRIED = 4
_TRIED = 12  # doubles, of the wardrobe's, that a witness tries on
_SAFE = ALIKE - 0.065  # a double that scores less is as good as one that scores much less
_FAR_LESS = 0.15
_AS_GOOD = 0.1  # where all are alike, those within this of the best are as good

Scale = Mapping[str, float]
Scores = dict[str, dict[str, float]]
"""By person and double: how much the witness in that double still looks like the witness, the highest cosine."""


def try_on(case: Case, folder: CaseFolder, named: Mapping[str, str] | None = None) -> Scores:
    """Return the scores of everyone who has a calm face, measured once and kept in the case.

    Everyone tries on the doubles that suit them best, and the one that `named` says.
    """
    path = folder.path / f"fittings-{__version__}.json"  # with another version the doubles may have other faces
    scores: Scores = json.loads(path.read_text("utf-8")) if path.is_file() else {}
    kept: Scores = {}
    recogniser: Recogniser | None = None
    for person in case.cast.people:
        looks = looks_at(case, person.label, _LOOKS_TRIED)
        if person.label not in case.neutrals or not looks:
            continue
        known = {n: s for n, s in scores.get(person.label, {}).items() if n in wardrobe.names()}
        own = (named or {}).get(person.label, "")
        wanted = [*suited(case, person.label)[:_TRIED], *([own] if own in wardrobe.names() else [])]
        kept[person.label] = dict(known)
        if missing := [n for n in wanted if n not in known]:
            recogniser = recogniser or Recogniser()
            kept[person.label] |= _scores(case, person.label, missing, looks, recogniser)
        scores[person.label] = dict(kept[person.label])
        if (
            own not in wardrobe.names() and own in wardrobe.lent_names()
        ):  # a lent face may be another tomorrow: it is tried on every time
            recogniser = recogniser or Recogniser()
            scores[person.label] |= _scores(case, person.label, [own], looks, recogniser)
    if recogniser is not None or not path.is_file():
        write_json(path, kept)
    return scores


def suited(case: Case, label: str) -> list[str]:
    """Return all doubles, the best suited to a person first; they have a calm face."""
    witness = case.neutrals[label], _light(case, label), case.looks.get(label)
    return sorted(wardrobe.names(), key=lambda name: (wardrobe.unsuited(*witness, wardrobe.double(name)), name))


def _scores(case: Case, label: str, names: list[str], looks: list[Fitting], recogniser: Recogniser) -> dict[str, float]:
    own = np.mean([recogniser.embed(f.crop, f.mesh) for f in looks], 0)
    own /= max(float(np.linalg.norm(own)), 1e-6)
    found = {}
    for name in names:
        double = as_usual(wardrobe.double(name), case.neutrals[label])
        found[name] = round(max(float(recogniser.embed(in_double(double, f), f.mesh) @ own) for f in looks), 3)
    return found


def in_double(double: Disguise, look: Fitting) -> Pixels:
    """Return a look at a witness in a double."""
    box = Box.around(look.mesh[:468])
    return double.wear(look.crop, Face(Fraction(0), box, look.mesh, Sure.FITTED, look.light), 0)


def casting(case: Case, scores: Scores, taken: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return a double for everyone who was tried on and has none yet.

    First of all one in which they are not recognised; among those one near in sex and build; no two alike while there
    are enough. The same film gets the same doubles in every run. `taken` names doubles already given.
    """
    given = dict(taken or {})
    for label in sorted(scores, key=lambda p: (len(p), p)):
        if label in given:
            continue
        free = {name: score for name, score in scores[label].items() if name in wardrobe.names()}  # no lent ones
        worn = {name: list(given.values()).count(name) for name in free}
        witness = case.neutrals[label], _light(case, label), case.looks.get(label)

        suits = {name: wardrobe.unsuited(*witness, wardrobe.double(name)) for name in worn}

        safe = max(_SAFE, min(free.values()) + _AS_GOOD)

        def cost(
            name: str, label: str = label, safe: float = safe, worn: Scale = worn, suits: Scale = suits
        ) -> tuple[float, str]:
            seen = max(0.0, scores[label][name] - safe)
            known = 10.0 if too_alike(scores, label, name) else 0.0
            return known + worn[name] + 4 * seen + suits[name], name

        given[label] = min(free, key=cost)
    return given


def _light(case: Case, label: str) -> Light:
    """Return the median light on someone's skin."""
    tracks = {t.label: t for t in case.cast.tracks}
    (person,) = [p for p in case.cast.people if p.label == label]
    return np.asarray(np.median([f.light for t in person.tracks for f in tracks[t].fittings()], 0), np.float32)


def too_alike(scores: Scores, label: str, name: str) -> bool:
    """Tell whether a witness in this double is still like themselves, and in another is not, or is far less."""
    row = scores.get(label, {})
    score = row.get(name, 0.0)
    return score > ALIKE and min(row.values(), default=1.0) <= max(ALIKE, score - _FAR_LESS)


def cautions(plan: Plan, scores: Scores) -> dict[str, float]:
    """Return who still looks like themselves in the double that they wear, by the defence's own recogniser."""
    worn = {label: role.double for label, role in plan.roles.items() if role.cover == "double" and role.double}
    seen = {label: scores.get(label, {}).get(name, 0.0) for label, name in worn.items()}
    return {label: score for label, score in seen.items() if score > ALIKE}
