"""The sealed fields of a request. There is none for a legal name, an orientation or a diagnosis."""

from django.utils.translation import gettext_lazy as _

from veil.casework.fields import Field, Form, record
from veil.casework.network.roles import Kind

_FILE = Kind.FILE

ROLES = (
    ("self", _("the person in danger")),
    ("relative", _("a relative")),
    ("partner", _("a partner")),
    ("friend", _("a friend")),
    ("organisation", _("an organisation")),
)
THREATS = (
    ("family", _("the family")),
    ("state", _("police or other authorities")),
    ("both", _("both: the family and the authorities")),
    ("blackmail", _("blackmail")),
    ("unknown", _("not clear yet")),
)
NEEDS = (
    ("bed", _("a place to sleep tonight")),
    ("leave", _("to leave the region")),
    ("doctor", _("a doctor")),
    ("talk", _("somebody to talk to")),
    ("lawyer", _("a lawyer")),
    ("money", _("money for the next days")),
    ("missing", _("to find out about somebody who was taken")),
    ("other", _("something else")),
)
LANGUAGES = (
    ("ru", _("Russian")),
    ("ce", _("Chechen")),
    ("inh", _("Ingush")),
    ("other caucasus", _("another language of the Caucasus")),
    ("en", _("English")),
    ("other", _("another")),
)

REQUEST = record(
    "request",
    Field("danger", _("In danger now"), _FILE, Form.TICK),
    Field(
        "talk",
        _("Where are they now, and can they talk?"),
        _FILE,
        hint=_("In a few words: “alone in the kitchen”, “can only write”. No addresses."),
    ),
    Field("safe", _("When and how is it safe to reach them?"), _FILE, most=200),
    Field("ours", _("Recognition: we say"), _FILE, hint=_("A harmless sentence that another caller would not say.")),
    Field("theirs", _("Recognition: they answer"), _FILE),
    Field("stop", _("The word that ends the call at once"), _FILE, most=80),
    Field("role", _("Who is calling?"), _FILE, Form.CHOICE, ROLES),
    Field(
        "happened",
        _("What happened?"),
        _FILE,
        Form.TEXT,
        most=3000,
        hint=_("In their own words. Leave out names, addresses and telephone numbers."),
    ),
    Field("needs", _("What do they need first?"), _FILE, Form.CHOICES, NEEDS),
    Field("threat", _("Who threatens them?"), _FILE, Form.CHOICE, THREATS),
    Field(
        "others",
        _("Who else is at risk?"),
        _FILE,
        Form.TEXT,
        most=1000,
        hint=_("Say what they are to each other, never who: “a younger brother at home”."),
    ),
    Field("language", _("Language"), _FILE, Form.CHOICE, LANGUAGES),
)
FIRST = ("danger", "talk", "safe", "ours", "theirs", "stop")  # what is asked before anything else
CONTACT = record(
    "request contact",
    Field("where", _("Number or handle to call back"), _FILE, hint=_("Only whoever calls back can read this.")),
    Field(
        "care",
        _("What could give them away there?"),
        _FILE,
        Form.TEXT,
        most=500,
        hint=_("For example: “the mother sees the screen”."),
    ),
)
CALLS = (
    ("talked", _("we talked")),
    ("missed", _("nobody answered")),
    ("theirs", _("they called or wrote")),
    ("remark", _("no call: only a remark")),
)
NOTE = record(
    "request note",
    Field("call", _("What was it?"), _FILE, Form.CHOICE, CALLS, required=True),
    Field("said", _("What was said, in short"), _FILE, Form.TEXT, most=2000),
)
_SEEN = (("no", _("not seen")), ("yes", _("seen")), ("unclear", _("not clear")))
_OUTCOMES = (("fits", _("fits")), ("not", _("does not fit")), ("unclear", _("not clear")))
SIGNS = (
    ("addresses", _("Asks again and again where people are kept")),
    ("worker", _("Wants to meet one particular worker")),
    ("press", _("The story repeats what stood in the press, word for word")),
    ("names", _("Presses for names of others")),
    ("publication", _("First contact right after something was published about us")),
    ("callback", _("Refuses to be called back at a time that we choose")),
    ("hurry", _("Presses for speed, and breaks off when asked to wait")),
    ("details", _("Details change from one call to the next")),
    ("somebody", _("Somebody else speaks in the background, or answers for them")),
    ("gifts", _("Offers money, cars or “people in the police”")),
)
CHECKS = (
    ("again", _("Called back at another time, told the same again")),
    ("place", _("Knows the place they speak of: asked about everyday things there")),
    ("vouched", _("Somebody whom we know vouches for them")),
    ("alone", _("Spoke alone, and answered the recognition phrase")),
    ("second", _("A second worker spoke with them and has the same impression")),
)
SCREENING = record(
    "request screening",
    *(Field(f"sign_{name}", label, _FILE, Form.CHOICE, _SEEN) for name, label in SIGNS),
    *(Field(f"check_{name}", label, _FILE, Form.CHOICE, _OUTCOMES) for name, label in CHECKS),
    Field(
        "weighed",
        _("What do you make of it?"),
        _FILE,
        Form.TEXT,
        required=True,
        hint=_("You decide. One sign alone says little: fear looks like this too."),
    ),
)
TRIAGE = record(
    "request triage",
    Field(
        "urgency",
        _("How soon?"),
        _FILE,
        Form.CHOICE,
        (("tonight", _("tonight")), ("days", _("within days")), ("weeks", _("within weeks"))),
        required=True,
    ),
    Field("why", _("What may happen if we do nothing?"), _FILE, Form.TEXT),
    Field("possible", _("What can we do, and what can we not do?"), _FILE, Form.TEXT),
)
REFERRAL = record(
    "request referral",
    Field(
        "kind",
        _("To what kind of organisation?"),
        _FILE,
        Form.CHOICE,
        (
            ("shelter", _("a shelter")),
            ("lawyers", _("lawyers")),
            ("doctors", _("doctors or psychologists")),
            ("human rights", _("a human-rights organisation")),
            ("network", _("another network like ours")),
            ("embassy", _("an embassy")),
            ("other", _("another")),
        ),
        required=True,
    ),
    Field("told", _("What were they told about it?"), _FILE, Form.TEXT),
)
DECLINE = record(
    "request decline",
    Field(
        "reason",
        _("Why?"),
        _FILE,
        Form.CHOICE,
        (
            ("outside", _("it is not what we can help with")),
            ("capacity", _("we have no means now")),
            ("withdrew", _("they do not want it any more")),
            ("not a request", _("it is not a request for help")),
            ("other", _("another reason")),
        ),
        required=True,
    ),
    Field("offered", _("What were they offered instead?"), _FILE, Form.TEXT),
)
TRAP = record("request trap", Field("why", _("Why do you think so?"), _FILE, Form.TEXT, required=True))
ANSWER = record("request answer", Field("text", _("Your answer"), _FILE, Form.TEXT, required=True, most=1800))
# What may go along into the case when a request is accepted.
CARRIED = ("talk", "safe", "ours", "theirs", "stop", "role", "happened", "needs", "threat", "others", "language")
# What the public form asks for, and where it goes: all but `where`, which only whoever calls back may read.
FORM_FIELDS = ("danger", "role", "happened", "needs", "threat", "safe", "theirs", "ours")
