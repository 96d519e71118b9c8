"""Clothes that were to be changed where no body was found: the cover gets stronger there, and the report says so."""

from fractions import Fraction

from veil.nouns.body import Body
from veil.nouns.cast import Person
from veil.nouns.plan import Plan, Role
from veil.nouns.report import Attack
from veil.stages.bodies import Bodies
from veil.stages.case import Case


def unclothed(role: Role, body: Body | None) -> bool:
    """Tell whether somebody's clothes are to be changed and nobody knows where they are."""
    wanted = role.cover == "double" and role.clothes != "as they are"
    return wanted and (body is None or not body.known)


def clothes_attacks(case: Case, plan: Plan, bodies: Bodies) -> tuple[Attack, ...]:
    """Return a warning for everyone whose clothes are changed: where they cannot be."""
    return tuple(
        _told(person, case, plan, bodies)
        for person in case.cast.people
        if plan.role_of(person.label).cover == "double" and plan.role_of(person.label).clothes != "as they are"
    )


def _told(person: Person, case: Case, plan: Plan, bodies: Bodies) -> Attack:
    role, rate_hz = plan.role_of(person.label), case.film.rate_hz
    owed = missing = 0
    for track in (t for t in case.cast.tracks if t.label in person.tracks):
        for index in range(track.first, track.last):
            if role.hides(Fraction(index) / rate_hz):
                owed += 1
                missing += unclothed(role, bodies.at(track.label, index))
    dark = f"in {missing} of {owed} frames no body was found: they are in shadow there; " if missing else ""
    said = f"{dark}wherever their face is out of the picture, their clothes are as filmed"
    return Attack(person.label, "clothes", "body net", None, None, "warned", said=said)
