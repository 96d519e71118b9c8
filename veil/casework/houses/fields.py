"""The sealed fields of houses and stays.

What placing needs is sealed to coordinators, and to the case workers of those who sleep there. Where the house is
is sealed to its host and one coordinator.
"""

from django.utils.translation import gettext_lazy as _

from veil.casework.fields import Field, Form, record
from veil.casework.network.roles import Kind

SUITS = (
    ("family", _("a family with children")),
    ("women", _("women only")),
    ("wheelchair", _("a wheelchair: no steps, wide doors")),
    ("stairs", _("somebody who climbs stairs badly")),
    ("alone", _("somebody who must be alone in a room")),
    ("pet", _("a pet")),
    ("long", _("a long stay, for months")),
    ("night", _("arrival at night")),
)
NO_AMBULANCE = _(
    "No ambulance to the door. Call the coordinator first. Walk or carry the person to another street, as far as they "
    "can bear it, and call from there, saying that they were found there. If a life is at stake within minutes, call "
    "at once: a house can be given up, a person cannot."
)
RULES = _(
    "No visitors, and nobody is told where this is.\n"
    "Curtains stay closed. Nobody stands at the window or on the balcony.\n"
    "Phones stay off; their own SIM cards stay out.\n"
    "Nobody opens the door. The host and the coordinator have the agreed signal."
)
HOUSE = record(
    "house",
    Field("suits", _("Who it suits"), Kind.FILE, Form.CHOICES, SUITS, hint=_("tick what the house can really do")),
    Field("rules", _("House rules, to be read with the guests"), Kind.FILE, Form.TEXT, most=4000),
    Field(
        "ambulance",
        _("If somebody falls ill: no ambulance to the door; then what?"),
        Kind.FILE,
        Form.TEXT,
        required=True,
        hint=_("read it to the guests on the first evening; nobody will think of it at night"),
    ),
    Field(
        "travel",
        _("How long the way is"),
        Kind.FILE,
        most=60,
        hint=_("roughly, in hours from the usual meeting point; never a place, a road or a line"),
    ),
    Field("address", _("Address"), Kind.HOUSE, Form.TEXT, most=500),
    Field("entry", _("How to get in"), Kind.HOUSE, Form.TEXT, hint=_("signal, door, floor, where the key is")),
    Field("reach", _("How to reach the host"), Kind.HOUSE, Form.TEXT, most=500),
)
STAY = record(
    "stay",
    Field(
        "who",
        _("Who comes, as the host may know it"),
        Kind.FILE,
        required=True,
        most=120,
        hint=_("for example: 2 people and one child; no names, no stories"),
    ),
    Field(
        "needs",
        _("What they need there"),
        Kind.FILE,
        Form.TEXT,
        most=500,
        hint=_("food, medicine at certain hours, a quiet room; not why"),
    ),
)
