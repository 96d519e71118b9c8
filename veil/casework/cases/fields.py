"""The sealed fields of cases and people."""

from django.utils.translation import gettext_lazy as _

from veil.casework.fields import Field, Form, record
from veil.casework.network.roles import Kind

_FILE = Kind.FILE
_NOTES = Field(
    "notes",
    _("Working notes"),
    _FILE,
    Form.TEXT,
    most=8000,
    hint=_("no names, no addresses, nothing of health"),
)

THREATS = (("family", _("family")), ("state", _("the state")), ("blackmail", _("blackmail")), ("other", _("others")))
NEEDS = (
    ("protection", _("legal and physical protection")),
    ("violence", _("survivor of violence or torture")),
    ("medical", _("medical needs")),
    ("women", _("woman or girl at risk")),
    ("unity", _("family unity")),
    ("children", _("child or adolescent at risk")),
    ("alternatives", _("no foreseeable alternative")),
)
AGES = (
    ("child", _("child under 12")),
    ("adolescent", _("12 to 17")),
    ("young", _("18 to 25")),
    ("adult", _("26 to 59")),
    ("older", _("60 or older")),
)
ROLES = (
    ("principal", _("the person who asked for help")),
    ("partner", _("partner")),
    ("child", _("child")),
    ("relative", _("relative who flees too")),
    ("relative at risk", _("relative left behind, at risk")),
)

CASE = record(
    "case",
    Field("alias", _("Alias"), _FILE, most=60),
    Field("threats", _("Who threatens"), _FILE, Form.CHOICES, THREATS),
    Field("needs", _("Needs"), _FILE, Form.CHOICES, NEEDS, hint=_("two at most: the ones that decide")),
    Field("reach", _("How to reach them"), _FILE, Form.TEXT, hint=_("the channel they chose; nobody else's number")),
    Field("safe_times", _("Safe times"), _FILE, Form.TEXT, hint=_("when a call or a message puts nobody in danger")),
    Field("phrase", _("Recognition phrase"), _FILE, hint=_("what they say so that you know it is them, and free")),
    Field("told", _("What they told first"), _FILE, Form.TEXT, most=8000),
    Field(
        "notes", _("Working notes"), _FILE, Form.TEXT, most=8000, hint=_("no names, no addresses, nothing of health")
    ),
)
PERSON = record(
    "person",
    Field("alias", _("Alias"), _FILE, most=60),
    Field("age", _("Age"), _FILE, Form.CHOICE, AGES),
    Field("languages", _("Languages"), _FILE, most=200),
    Field("special", _("Special needs"), _FILE, Form.TEXT, hint=_("what a house, a car or a doctor must be ready for")),
    Field(
        "notes", _("Working notes"), _FILE, Form.TEXT, most=8000, hint=_("no names, no addresses, nothing of health")
    ),
)
RELATIVE = record(
    "relative at risk",
    Field("danger", _("What threatens them"), _FILE, Form.TEXT),
    Field("knows", _("What they know"), _FILE, Form.TEXT, hint=_("what they could be made to tell")),
    Field("may_contact", _("Who may contact them, and how"), _FILE, Form.TEXT, hint=_("never an address")),
    Field("do_not_contact", _("Do not contact"), _FILE, Form.TICK, hint=_("nobody calls, writes or visits them")),
)
APART = record(
    "kept from the others",
    Field("secret", _("Not to be told to the others"), _FILE, Form.TEXT, most=8000),
    Field("slip", _("How it could slip out"), _FILE, Form.TEXT, hint=_("a shared room, an interpreter, a letter")),
)
