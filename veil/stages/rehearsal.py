"""Who was recognised tries the other doubles on before the recognisers, on a few looks, so that no cut is in vain.

The double that is chosen here was chosen by the very recognisers that then attack it: their figures flatter it a
little. It is done only for somebody whom they knew in the double that the defence had cast by itself.
"""

from collections.abc import Sequence

from veil.adversary.recognisers import NAMES, Recogniser, Vectors, five_of, limits, recogniser, unit
from veil.disguise import wardrobe
from veil.disguise.faces.head import as_usual
from veil.nouns.cast import Fitting
from veil.nouns.picture import Pixels
from veil.stages.case import Case, CaseFolder, looks_at
from veil.stages.casting import in_double, too_alike, try_on

_LOOKS = 6
_CLEAR = 0.9  # of the way from a stranger's score to the limit: what a double must stay below on these few looks


def rehearse(case: Case, folder: CaseFolder, label: str, refused: Sequence[str]) -> str | None:
    """Return the double in which this person looks least like themselves; None when they stay too much alike in all."""
    looks, scores = looks_at(case, label, _LOOKS), try_on(case, folder)
    if not looks or label not in case.neutrals:
        return None
    crops = [look.crop for look in looks]
    judges = [recogniser(name) for name in NAMES]
    own = {judge.name: unit(_vectors(judge, crops, looks).mean(0)) for judge in judges}
    near = {}
    for name in scores[label]:
        if name not in refused and not too_alike(scores, label, name):
            double = as_usual(wardrobe.double(name), case.neutrals[label])
            worn = [in_double(double, look) for look in looks]
            near[name] = max(_near(judge, own[judge.name], _vectors(judge, worn, looks)) for judge in judges)
    best = min(near, key=lambda name: (near[name], name), default=None)
    return best if best is not None and near[best] < _CLEAR else None


def _vectors(judge: Recogniser, crops: Sequence[Pixels], looks: Sequence[Fitting]) -> Vectors:
    """Return what a recogniser makes of each look's crop, or of the same look in a double."""
    return judge.embed([judge.chip(crop, five_of(look.mesh)) for crop, look in zip(crops, looks, strict=True)])


def _near(judge: Recogniser, own: Vectors, worn: Vectors) -> float:
    """Return how near a recogniser comes to knowing the person in a double; 1 is the limit."""
    return limits(judge.name, 1000).near(float((worn @ own).max()))
