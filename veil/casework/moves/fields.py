"""The sealed words of moves, legs, check-ins and incidents."""

from django.utils.translation import gettext_lazy as _

from veil.casework.fields import Field, Form, record
from veil.casework.network.roles import Kind

_M = Kind.MOVEMENT

CHECK_IN = record(
    "check-in",
    Field("calm", _("What they say if all is well"), _M, most=120, hint=_("An everyday sentence, agreed by voice.")),
    Field(
        "duress",
        _("What they say if somebody stands next to them"),
        _M,
        most=120,
        hint=_("As ordinary as the other one. It is never shown again which is which, so both of you must know it."),
    ),
    Field("how", _("How they are reached, and the second channel"), _M, Form.TEXT, most=600),
    Field("near", _("Who is near by and trusted (a call sign)"), _M, most=80),
)

# The same of a house, sealed to its host and its one coordinator: the host says it, or presses it.
HOUSE_CHECK_IN = record(
    "house check-in",
    Field("calm", _("What the host says if all is well"), Kind.HOUSE, most=120, hint=CHECK_IN[0].hint),
    Field("duress", _("What they say if somebody stands next to them"), Kind.HOUSE, most=120, hint=CHECK_IN[1].hint),
    Field("how", _("How the host is reached, and the second channel"), Kind.HOUSE, Form.TEXT, most=600),
    Field("near", _("Who can pass by the house unnoticed (a call sign)"), Kind.HOUSE, most=80),
)

MOVE_KINDS = (
    ("extraction", _("extraction")),
    ("house", _("from one house to another")),
    ("airport", _("to the airport")),
)
MOVE = record(
    "move",
    Field("kind", _("What kind of move"), _M, Form.CHOICE, MOVE_KINDS, required=True),
    Field("earliest", _("Not before"), _M, Form.WHEN),
    Field("latest", _("Not after"), _M, Form.WHEN),
    Field(
        "no_go",
        _("When it does not go ahead"),
        _M,
        Form.TEXT,
        hint=_("Signs on which nobody starts. In doubt, it does not go ahead."),
    ),
    Field("after_abort", _("If it is broken off: what then"), _M, Form.TEXT),
)
# What every team of a move knows; sealed again with each leg's own key.
SHARED = record(
    "move told",
    Field(
        "story",
        _("The story: what each one says if stopped"),
        _M,
        Form.TEXT,
        hint=_("One story, told differently: who you are to each other, where from, where to, why at this hour."),
    ),
    Field("go_word", _("Word or sign for “go”"), _M, most=120),
    Field("wait_word", _("Word or sign for “wait”"), _M, most=120),
    Field("abort_word", _("Word or sign for “break off”"), _M, most=120),
    Field("phones", _("Phones: which are on, which stay away"), _M, Form.TEXT, most=600),
    Field("money", _("Money: who has how much, for what"), _M, Form.TEXT, most=600),
)
LEG = record(
    "leg",
    Field("meet", _("Where to meet, in words"), _M, Form.TEXT, required=True, hint=_("As you would say it aloud.")),
    Field("begins", _("Begins"), _M, Form.WHEN),
    Field("ends", _("Ends"), _M, Form.WHEN),
    Field("way", _("The way, and checkpoints to expect"), _M, Form.TEXT),
    Field("hand_over", _("Where and to whom this leg ends"), _M, Form.TEXT),
    Field("known", _("How they know each other"), _M, most=200, hint=_("A word and its answer, a thing in the hand.")),
    Field("fallback", _("If it fails: where to fall back to"), _M, Form.TEXT),
    Field("apart", _("What is particular to this team's story"), _M, Form.TEXT),
)
PARTS = (
    ("lead", _("leads")),
    ("distraction", _("distracts")),
    ("extraction", _("brings the person out")),
    ("driver", _("drives")),
    ("watcher", _("watches")),
)
INCIDENT = record(
    "incident",
    Field("happened", _("What is known so far"), _M, Form.TEXT, hint=_("Facts only. No names, no addresses.")),
    Field("learnt", _("What we learnt"), _M, Form.TEXT),
)
