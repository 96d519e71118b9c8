"""Who was recognised tries the other doubles on before the recognisers, on a few looks, so that no cut is in vain.

The double that is chosen here was chosen by the very recognisers that then attack it: their figures flatter it a
little. It is done only for somebody whom they knew in the double that the defence had cast by itself.
"""

from collections.abc import Sequence

import numpy as np

from veil.adversary.recognisers import NAMES, Recogniser, five_of, limits, recogniser
from veil.disguise import wardrobe
from veil.disguise.faces.head import as_usual
from veil.nouns.cast import Fitting
from veil.stages.case import Case, CaseFolder
from veil.stages.casting import in_double, too_alike, try_on

_LOOKS = 6
_CLEAR = 0.9  # of the way from a stranger's score to the limit: what a double must stay below on these few looks


def rehearse(case: Case, folder: CaseFolder, label: str, refused: Sequence[str]) -> str | None:
    """Return the double in which this person looks least like themselves; None when they stay too much alike in all."""
    looks, scores = _looks(case, label), try_on(case, folder)
    if not looks or label not in case.neutrals:
        return None
    judges = [recogniser(name) for name in NAMES]
    near = {
        name: max(_near(judge, case, label, name, looks) for judge in judges)
        for name in wardrobe.names()
        if name not in refused and not too_alike(scores, label, name)
    }
    best = min(near, key=lambda name: (near[name], name), default=None)
    return best if best is not None and near[best] < _CLEAR else None


def _looks(case: Case, label: str) -> list[Fitting]:
    tracks = {t.label: t for t in case.cast.tracks}
    (person,) = [p for p in case.cast.people if p.label == label]
    looks = [look for name in person.tracks for look in tracks[name].fittings()]
    return [looks[i] for i in np.linspace(0, len(looks) - 1, min(_LOOKS, len(looks))).astype(int)] if looks else []


def _near(judge: Recogniser, case: Case, label: str, name: str, looks: list[Fitting]) -> float:
    """Return how near this recogniser comes to knowing the person in that double; 1 is the limit."""
    double = as_usual(wardrobe.double(name), case.neutrals[label])
    own = judge.embed([judge.chip(look.crop, five_of(look.mesh)) for look in looks]).mean(0)
    own /= max(float(np.linalg.norm(own)), 1e-6)
    other = judge.embed([judge.chip(in_double(double, look), five_of(look.mesh)) for look in looks])
    return limits(judge.name, 1000).near(float((other @ own).max()))
