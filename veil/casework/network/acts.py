"""What the audit calls the things that are done: each act as it is written down, for the pages to say in words."""

from django.utils.translation import gettext_noop as _

ACTS: tuple[str, ...] = (
    _("address changed"), _("address read"), _("alarm answered"), _("alias chosen"), _("backup gone"),
    _("call noted"), _("case moved on"), _("case opened"), _("case owner set"), _("case priority set"),
    _("case withdrew"), _("case words changed"), _("check made"), _("check-in answered"), _("check-in not heard"),
    _("check-in set"), _("check-in stopped"), _("clock renewed"), _("consent asked"), _("consent withdrawn"),
    _("contact changed"), _("contact lost"), _("contact opened"), _("coordinator confirmed"),
    _("coordinator proposed"), _("credibility found"), _("credibility open again"), _("custodian change agreed"),
    _("custodian change proposed"), _("custodian named"), _("danger taken in hand"), _("entrusted"), _("file sealed"),
    _("go said"), _("hand-over: danger"), _("hand-over: leaves"), _("hand-over: much"), _("hand-over: rests"),
    _("house burned"), _("house changed"), _("house full"), _("house made"), _("house open"), _("house passed on"),
    _("house resting"), _("house rules read"), _("household changed"), _("identity agreed"), _("identity asked for"),
    _("identity changed"), _("identity closed"), _("identity opened"), _("identity read"), _("identity refused"),
    _("identity sealed"), _("incident closed"), _("incident raised"), _("incident: facts"), _("incident: step"),
    _("key passed on"), _("key shared"), _("key withdrawn"), _("keys ended with consent"), _("ladder set"),
    _("leg added"), _("leg changed"), _("leg: aborted"), _("leg: arrived"), _("leg: under way"), _("letter taken in"),
    _("limit lifted"), _("looser settings asked for"), _("mailbox answered"), _("means handed over"),
    _("move changed"), _("move destroyed"), _("move planned"), _("move: aborted"), _("move: arrived"),
    _("move: draft"), _("move: go"), _("move: no-go"), _("move: planned"), _("move: under way"),
    _("moved to another house"), _("notes written"), _("passphrase changed"), _("person added"),
    _("person changed"), _("person removed"), _("placed"), _("public form opened"), _("purged"),
    _("request accepted"), _("request changed"), _("request declined"), _("request entered"),
    _("request given back"), _("request handed over"), _("request kept on"), _("request referred"),
    _("request screened"), _("request taken"), _("request taken in"), _("request triaged"), _("risk assessed"),
    _("risk due now"), _("risk milestone kept"), _("risk to be renewed"), _("risk written"), _("rung taken"),
    _("settings changed"), _("stand-in named"), _("stay ended"), _("stay extended"), _("suspicion taken back"),
    _("time set right"), _("told of a burned house"), _("trap suspected"), _("unlocked"), _("vault backed up"),
    _("vault founded"), _("vault verified"), _("work handed over"), _("worker joined"), _("worker revoked"),
)  # fmt: skip
