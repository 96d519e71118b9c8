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
    _NOTES,
)
PERSON = record(
    "person",
    Field("alias", _("Alias"), _FILE, most=60),
    Field("age", _("Age"), _FILE, Form.CHOICE, AGES),
    Field("languages", _("Languages"), _FILE, most=200),
    Field("special", _("Special needs"), _FILE, Form.TEXT, hint=_("what a house, a car or a doctor must be ready for")),
    _NOTES,
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

LEVELS = (
    ("emergency", _("emergency")),
    ("high", _("high")),
    ("moderate", _("moderate")),
    ("low", _("low")),
)
_AMOUNTS = (("1", _("little")), ("2", _("some")), ("3", _("much")), ("4", _("very much")))
RISK = record(
    "risk assessment",
    Field("threats", _("Threats"), _FILE, Form.TEXT, required=True, hint=_("who, what they can do, how soon")),
    Field("threat", _("How great is the threat?"), _FILE, Form.CHOICE, _AMOUNTS, required=True),
    Field(
        "vulnerabilities", _("Vulnerabilities"), _FILE, Form.TEXT, hint=_("what makes it easier to find or hurt them")
    ),
    Field("vulnerability", _("How vulnerable are they?"), _FILE, Form.CHOICE, _AMOUNTS, required=True),
    Field("capacities", _("Capacities"), _FILE, Form.TEXT, hint=_("what protects them: people, places, papers, calm")),
    Field("capacity", _("How much can they set against it?"), _FILE, Form.CHOICE, _AMOUNTS, required=True),
    Field("measures", _("What we do about it"), _FILE, Form.TEXT),
    Field(
        "level",
        _("Level of risk"),
        _FILE,
        Form.CHOICE,
        LEVELS,
        hint=_("leave it open to take what the three answers give: threats × vulnerabilities ÷ capacities"),
    ),
)
record("risk milestone", Field("milestone", _("Name of the milestone"), _FILE, most=60))

METHODS = (
    ("call back", _("call-back at a time that we chose")),
    ("interview", _("second interview")),
    ("referee", _("referee whom we know")),
    ("partner", _("partner organisation")),
    ("document", _("document, seen and not kept")),
    ("places", _("fits places and events that we know")),
)
OUTCOMES = (
    ("confirmed", _("confirmed")),
    ("likely", _("likely")),
    ("unclear", _("unclear")),
    ("contradicted", _("contradicted")),
)
CHECK = record(
    "verification check",
    Field("method", _("How it was checked"), _FILE, Form.CHOICE, METHODS, required=True),
    Field("outcome", _("Outcome"), _FILE, Form.CHOICE, OUTCOMES, required=True),
    Field("note", _("What it is about"), _FILE, Form.TEXT, most=500, hint=_("no names, no numbers, nothing copied")),
)
FINDINGS = (
    ("credible", _("credible")),
    ("not credible", _("not credible")),
    ("more", _("more must be known first")),
)
CREDIBILITY = record(
    "credibility",
    Field("finding", _("Your finding"), _FILE, Form.CHOICE, FINDINGS, required=True),
    Field("reasons", _("Your reasons"), _FILE, Form.TEXT, hint=_("what fits, what does not, what could explain it")),
)

GIVERS = (
    ("themselves", _("the person themselves")),
    ("parent", _("a parent who is no danger to the child")),
    ("guardian", _("a guardian, or who cares for the child")),
)
VIEWS = (
    ("agrees", _("the child agrees")),
    ("against", _("the child does not agree")),
    ("too young", _("the child is too young to be asked")),
)
CONSENT = record(
    "consent",
    Field("giver", _("Who answers"), _FILE, Form.CHOICE, GIVERS, required=True),
    Field("child_view", _("For a child: what the child says"), _FILE, Form.CHOICE, VIEWS),
    Field("recipient", _("For whom"), _FILE, hint=_("the partner, the clinician or the lawyer, by call sign or name")),
    Field("limits", _("Limits they set"), _FILE, Form.TEXT, hint=_("in their own words")),
)

CARE = record(
    "health",
    Field("alias", _("Alias"), Kind.HEALTH, most=60),
    Field("languages", _("Languages"), Kind.HEALTH, most=200),
    Field("asked", _("What you are asked for"), Kind.HEALTH, Form.TEXT, most=2000),
    Field("notes", _("Health notes"), Kind.HEALTH, Form.TEXT, most=8000),
)
TESTIMONY = record(
    "testimony",
    Field("alias", _("Alias"), Kind.TESTIMONY, most=60),
    Field("languages", _("Languages"), Kind.TESTIMONY, most=200),
    Field("asked", _("What you are asked for"), Kind.TESTIMONY, Form.TEXT, most=2000),
    Field("notes", _("Notes on the testimony"), Kind.TESTIMONY, Form.TEXT, most=8000),
)
