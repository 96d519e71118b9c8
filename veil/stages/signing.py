"""Which signs to its viewers a film bears: none where nobody in it is disguised."""

from fractions import Fraction

from veil.disguise.scene.signs import SENTENCES, Sign, Signs, card, mark
from veil.errors import VeilError
from veil.nouns.plan import Plan
from veil.nouns.signals import Signals
from veil.nouns.time import ALWAYS, Span
from veil.stages.case import Case

_CARD = Span(Fraction(1, 4), Fraction(21, 4))
_LEAST_S = 2  # a card that shows for less cannot be read, and is left out


def signs_of(case: Case, plan: Plan) -> Signs:
    """Return the card and the mark that the plan asks for; raise VeilError when its text does not fit the picture."""
    told = plan.signals
    if not disguises(case, plan):
        return Signs()
    width, height = case.film.width, case.film.height
    shown = Span(_CARD.start, max(_CARD.start, min(_CARD.end, case.film.length_s)))
    wanted = told.card == "on" and case.film.length_s >= _LEAST_S
    drawn = _card(told, width, height) if wanted else None
    return Signs(drawn, shown, mark(told.mark, told.language, width, height))


def _card(told: Signals, width: int, height: int) -> Sign | None:
    """Return the card; None where the picture is too small for Veil's own sentence: no film is refused for that."""
    try:
        return card(told.text or SENTENCES[told.language], width, height)
    except VeilError:
        if told.text:
            raise
        return None


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
