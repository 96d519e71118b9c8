"""Playbooks: what is done when something goes wrong, in order, in sentences that can be read with shaking hands."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

COORDINATOR = _("coordinator")
CASE_WORKER = _("case worker")
INSIDE = _("those in the house")
LAWYER = _("lawyer")
CLINICIAN = _("clinician")
EVERYBODY = _("everybody")

# What a step's button does or opens.
TONIGHT, RISK, HOUSES, WORKERS, CHECK_INS = "tonight", "risk", "houses", "workers", "checkins"


@dataclass(frozen=True)
class Step:
    """One thing to do: its constant name, who does it, the sentence, and what its button does."""

    name: str
    who: str
    text: str
    deed: str = ""


@dataclass(frozen=True)
class Playbook:
    """What went wrong, the first sentence to read, and the steps."""

    title: str
    first: str
    steps: tuple[Step, ...]

    @property
    def names(self) -> set[str]:
        """Return the names of the steps."""
        return {step.name for step in self.steps}


_RISK = Step("risk", CASE_WORKER, _("Assess the risk anew for everybody this concerns."), RISK)
_TELL = Step("tell", COORDINATOR, _("Tell each one on the list below, by voice. Tick whom you have told."))
_NIGHT = Step("tonight", COORDINATOR, _("Plan the move for tonight. Not by the way that is known."), TONIGHT)
_NEW_HOUSE = Step("house", COORDINATOR, _("Choose a house that nobody from this one has ever heard of."), HOUSES)
_FORCED = Step("forced", INSIDE, _("If the door is forced: nobody resists, nobody signs, nobody unlocks a phone."))
_REVOKE = Step(
    "keys", COORDINATOR, _("Withdraw their keys now. It is one button on their page, and can be given back."), WORKERS
)

PLAYBOOKS: dict[str, Playbook] = {
    "door": Playbook(
        _("Two men at the door"),
        _("Do not open. Do not answer. Leave light and sound as they are."),
        (
            Step("still", INSIDE, _("Do not open and do not answer. Away from door and windows, shoes on.")),
            Step("word", INSIDE, _("Send the agreed word once. After that the phone stays silent.")),
            Step("caller", COORDINATOR, _("Agree which one of us speaks to the house. Nobody else calls or writes.")),
            Step("lawyer", COORDINATOR, _("Wake the lawyer.")),
            _FORCED,
            Step(
                "watch",
                COORDINATOR,
                _("Somebody looks from afar whether they have left. Nobody walks up to the house."),
            ),
            Step("bag", INSIDE, _("Papers, medicine, money into one bag. Phones off. Leave the rest.")),
            _NIGHT,
            _NEW_HOUSE,
            Step("burned", COORDINATOR, _("Mark the house as burned, so that nobody is sent there."), HOUSES),
            _TELL,
            _RISK,
        ),
    ),
    "detained": Playbook(
        _("A worker was detained"),
        _("Act as if everything they could open is being read. It is not their fault."),
        (
            _REVOKE,
            Step("silence", EVERYBODY, _("Do not call or write to them. Do not answer what comes from their phone.")),
            Step("lawyer", LAWYER, _("Look for them at every station. Only the lawyer is given the legal name.")),
            Step(
                "reach",
                COORDINATOR,
                _("Look on their page at what they could reach: those people move first."),
                WORKERS,
            ),
            _NIGHT,
            _NEW_HOUSE,
            Step("moves", COORDINATOR, _("Break off or change every move they knew of.")),
            Step("words", CASE_WORKER, _("Agree on new sentences wherever they knew the old ones."), CHECK_INS),
            Step("family", COORDINATOR, _("Their family hears it from the one person agreed beforehand.")),
            Step("public", COORDINATOR, _("Nothing is published until the lawyer and the family have said yes.")),
            _TELL,
            _RISK,
        ),
    ),
    "device": Playbook(
        _("A device is lost or was taken"),
        _("When was it last in the hand, and was it locked? Write down both, then go on."),
        (
            _REVOKE,
            Step("coerced", COORDINATOR, _("Speak to its owner in person. Ask whether somebody stood next to them.")),
            Step("silence", EVERYBODY, _("Write nothing to any account that was open on it.")),
            Step("reach", COORDINATOR, _("Look on the owner's page at what the device could reach."), WORKERS),
            Step("moves", COORDINATOR, _("Break off or change every move that was planned on it.")),
            Step(
                "words", CASE_WORKER, _("Agree on new sentences with everybody whose check-ins were on it."), CHECK_INS
            ),
            Step("fresh", COORDINATOR, _("Their owner starts anew on another machine, with a new passphrase.")),
            Step("back", EVERYBODY, _("If it turns up again, nobody switches it on.")),
            _TELL,
            _RISK,
        ),
    ),
    "missing": Playbook(
        _("Somebody is missing"),
        _("Do not ask around. One careless question can do more harm than waiting an hour."),
        (
            Step(
                "last", CASE_WORKER, _("Write down the last sure sign of life: when, by which channel, who heard it.")
            ),
            Step("ladder", CASE_WORKER, _("Finish the ladder of the check-in, step by step."), CHECK_INS),
            Step(
                "forced",
                EVERYBODY,
                _("Treat every message from them as written by somebody else, until you hear them."),
            ),
            Step("stop", COORDINATOR, _("Stop every move that they know of.")),
            Step("others", COORDINATOR, _("Those who shared a house or a way with them move tonight."), TONIGHT),
            Step("list", CASE_WORKER, _("Look at whom they asked us never to call. Keep to it.")),
            Step("lawyer", LAWYER, _("Ask at stations and hospitals, without saying who we are.")),
            Step("two", COORDINATOR, _("Whether to search further is decided by two people.")),
            _TELL,
            _RISK,
        ),
    ),
    "burned": Playbook(
        _("A house is burned"),
        _("Nobody goes there any more. Nothing is fetched from it."),
        (
            Step(
                "away", EVERYBODY, _("Whoever is on the way there turns round. Whoever is inside gets ready to leave.")
            ),
            Step("burned", COORDINATOR, _("Mark the house as burned: new beds are looked for at once."), HOUSES),
            _NIGHT,
            _NEW_HOUSE,
            Step("host", COORDINATOR, _("Speak to the host: are they safe, what do they say, do they leave as well?")),
            _FORCED,
            Step("trace", INSIDE, _("Take along whatever bears a name or a number. Do not clean up.")),
            _TELL,
            _RISK,
        ),
    ),
    "outing": Playbook(
        _("Somebody was made public"),
        _("Speak to the person first. They should hear it from us."),
        (
            Step("person", CASE_WORKER, _("Call them: do they know, are they safe now, who is with them?")),
            Step("see", CASE_WORKER, _("Look at it without an account: is there a face, a name, a place?")),
            Step("quiet", EVERYBODY, _("Nobody comments, shares, likes or reports it from an account of their own.")),
            _NIGHT,
            Step("kin", CASE_WORKER, _("Think of relatives and friends who can be found through it.")),
            Step("lawyer", LAWYER, _("Ask for removal, in words that confirm nothing.")),
            Step("keep", LAWYER, _("Keep it as evidence only if they agree.")),
            Step("ours", COORDINATOR, _("If it came from us: stop everything else that is about to be published.")),
            _TELL,
            _RISK,
        ),
    ),
    "relative": Playbook(
        _("A relative was visited or called in"),
        _("Do not call the relative. Somebody may be listening, or sitting next to them."),
        (
            Step("told", CASE_WORKER, _("Write down who told us, when, and by which channel. Was it their own voice?")),
            Step(
                "silence",
                EVERYBODY,
                _("Answer nothing that comes from the relative. What they ask, somebody else may be asking."),
            ),
            Step("person", CASE_WORKER, _("Tell the person we help, by voice. They do not call home, and go nowhere.")),
            Step(
                "knew", COORDINATOR, _("What did the relative know: a house, a town, a day, a name? It is known now.")
            ),
            _NIGHT,
            Step("moves", COORDINATOR, _("Break off or change every move that the relative knew of.")),
            Step("lawyer", LAWYER, _("Find out where they are and on what paper, without saying who we are.")),
            Step("help", CASE_WORKER, _("Do they need help themselves? Add them to the case as a relative at risk.")),
            Step("public", COORDINATOR, _("Nothing is published until the lawyer and the family have said yes.")),
            _TELL,
            _RISK,
        ),
    ),
    "death": Playbook(
        _("Somebody has died"),
        _("Nothing has to be done in the next minutes. Sit down, and read on together."),
        (
            Step("sure", COORDINATOR, _("Be sure: somebody who was there, or a doctor. A message is not enough.")),
            Step(
                "phone",
                EVERYBODY,
                _("Their phone may be in other hands. Write nothing to it, believe nothing from it."),
            ),
            Step("near", COORDINATOR, _("Those who lived with them hear it today, in person, from one who knew them.")),
            Step("list", CASE_WORKER, _("Look at whom they wanted told, and whom never. Keep to it.")),
            Step("lawyer", LAWYER, _("Papers, burial and questions of the police go through you. We confirm nothing.")),
            Step(
                "others",
                COORDINATOR,
                _("If somebody did this: those who shared a house or a way move tonight."),
                TONIGHT,
            ),
            Step("keep", LAWYER, _("What may be evidence is kept before the case is closed and destroyed.")),
            Step(
                "case", COORDINATOR, _("Set the case to “deceased”: its check-ins stop, and nobody is called any more.")
            ),
            Step("us", CLINICIAN, _("Speak with each of us who knew them. With the coordinator too.")),
            _TELL,
            _RISK,
        ),
    ),
    "medical": Playbook(
        _("Medical emergency"),
        _("Life comes first. Secrecy comes second."),
        (
            Step("call", INSIDE, _("Call the clinician by voice: breathing, bleeding, awake?")),
            Step("ambulance", CLINICIAN, _("If life hangs on minutes, the ambulance comes to the door. You decide.")),
            Step(
                "place",
                COORDINATOR,
                _("Otherwise it comes to the place agreed for this house. Somebody brings them there."),
            ),
            Step("others", INSIDE, _("If it comes to the door, the others leave first, by the back.")),
            Step("with", CASE_WORKER, _("One person goes with them and tells one story: who you are, what happened.")),
            Step("needs", CLINICIAN, _("Tell the doctors about medicine and allergies. Nothing else.")),
            Step("police", LAWYER, _("Hospitals report wounds. Be ready before the police ask.")),
            Step("house", COORDINATOR, _("If strangers were in the house, move the others tonight."), TONIGHT),
            _TELL,
            _RISK,
        ),
    ),
}
