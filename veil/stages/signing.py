"""Which signs to its viewers a film bears: none where nobody in it is disguised."""

from collections.abc import Sequence
from fractions import Fraction

from veil.disguise.scene.signs import SENTENCES, Sign, Signs, card, mark
from veil.errors import VeilError
from veil.nouns.caption import Caption
from veil.nouns.plan import Plan
from veil.nouns.signals import Signals
from veil.nouns.time import ALWAYS, Span
from veil.stages.burned import faces_while, laid
from veil.stages.case import Case

_CARD = Span(Fraction(1, 4), Fraction(21, 4))
_LEAST_S = 2  # a card that shows for less cannot be read, and is left out


def signs_of(case: Case, plan: Plan, captions: Sequence[Caption] = ()) -> Signs:
    """Return the card and the mark that the plan asks for, and the subtitles that are burned in.

    Raises VeilError when a text does not fit the picture.
    """
    told = plan.signals
    if not disguises(case, plan):
        return Signs(subtitles=laid(captions, case, ()))
    width, height = case.film.width, case.film.height
    shown = Span(_CARD.start, max(_CARD.start, min(_CARD.end, case.end_s)))
    wanted = told.card == "on" and case.end_s >= _LEAST_S
    drawn = _card(told, case, shown) if wanted else None
    corner = mark(told.mark, told.language, width, height)
    others = [(sign, span) for sign, span in ((drawn, shown), (corner, ALWAYS)) if sign is not None]
    return Signs(drawn, shown, corner, laid(captions, case, others))


def _card(told: Signals, case: Case, shown: Span) -> Sign | None:
    """Return the card, below or above: where it hides less of people's faces.

    None where the picture is too small for Veil's own sentence: no film is refused for that.
    """
    try:
        below, above = (
            card(told.text or SENTENCES[told.language], case.film.width, case.film.height, above=above)
            for above in (False, True)
        )
    except VeilError:
        if told.text:
            raise
        return None
    faces = faces_while(case, shown)
    hides = [sum(face.shared_px(sign.box) for face in faces) for sign in (below, above)]
    return above if hides[1] < hides[0] else below


def disguises(case: Case, plan: Plan) -> bool:
    """Tell whether anybody in the film is disguised."""
    return any(ALWAYS not in plan.role_of(person.label).seen for person in case.cast.people)


def disclosure(case: Case, plan: Plan) -> str:
    """Say in one sentence how the film tells its viewers."""
    signs = signs_of(case, plan)
    ways = ["a sentence over its beginning"] * (signs.card is not None) + ["a mark in a corner"] * (
        signs.mark is not None
    )
    soft = plan.signals.halo > 0 and any(plan.role_of(p.label).cover == "double" for p in case.cast.people)
    ways += ["a soft halo around doubles"] * soft
    if not disguises(case, plan):
        return "nobody in the film is disguised, and it says nothing to its viewers"
    if not ways:
        return "the film does not tell its viewers that people are disguised: see `signals` in the plan, and tell them"
    return f"the film tells its viewers that people are disguised: {' and '.join(ways)}"
