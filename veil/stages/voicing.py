"""What the plan says of voices: from whom people are hidden, what each voice becomes, and who may be heard."""

import re
from dataclasses import replace
from typing import Any

from veil.disguise.voices import allowed, ships
from veil.errors import VeilError
from veil.nouns.plan import Plan, Role
from veil.nouns.time import ALWAYS, Span
from veil.nouns.voicing import FROMS, SPEECHES, From, Voicing
from veil.stages.told import HINT, one_of, quoted

KEYS = {"voice", "voice_model", "takes", "voice_consent", "second_pass", "heard", "alias"}
"""What the plan may say of a person here."""


def voicing_of(about: dict[str, Any], who: str, heard: tuple[Span, ...]) -> Voicing:
    """Read it; raise VeilError when it says something that Veil does not know, or asks for what cannot be."""
    by = one_of(about.get("voice", "revoice"), SPEECHES, f"voice of {who}")
    second_pass = about.get("second_pass", False)
    if not isinstance(second_pass, bool):
        raise VeilError(f"`second_pass` of {who} is not true or false", HINT)
    model, takes, consent = (_text(about, key, who) for key in ("voice_model", "takes", "voice_consent"))
    if by == "double" and not (takes and consent):
        raise VeilError(
            f"the voice double of {who} has no takes or no consent",
            'name both: takes = "folder" and voice_consent = "consent.toml", beside the plan; see `veil voice --help`',
        )
    return Voicing(by, model, takes, consent, second_pass, heard)


def alias_of(about: dict[str, Any], who: str) -> str:
    """Return the name under which they appear, "" where none is told."""
    return " ".join(_text(about, "alias", who).split())


def hidden_from_of(told: dict[str, Any]) -> From:
    """Return from whom everyone is hidden: from people who know them, where the plan does not say."""
    chosen: From = one_of(told.get("hidden_from", FROMS[-1]), FROMS, "hidden_from")
    return chosen


def told_language_of(told: dict[str, Any]) -> str:
    """Return the language that is spoken (ISO 639-1), "" where it is to be recognised."""
    language = told.get("language", "")
    if not isinstance(language, str) or not re.fullmatch(r"([a-z]{2,3})?", language):
        raise VeilError("`language` in the plan is not the code of a language", 'write it like "en" or "ru"')
    return language


def check_heard(roles: dict[str, Role], others: Role) -> None:
    """Raise VeilError when strangers may be heard, or two people would go by one name."""
    if others.voicing.heard or others.alias:
        raise VeilError(
            "the plan lets strangers be heard, or gives all of them one name",
            "name in `people` who may be heard and under what name, not in `others`",
        )
    names = [role.alias.casefold() for role in roles.values() if role.alias]
    if len(names) != len(set(names)):
        raise VeilError("two people in the plan go by the same alias", "give each another one")


def check_voices(plan: Plan) -> None:
    """Raise VeilError when a voice becomes something that does not hide it from those whom the plan names."""
    for role in (*plan.roles.values(), plan.others) if plan.sound == "disguised" else ():
        if ALWAYS not in role.voicing.heard:
            allowed(role.voicing, plan.hidden_from)


def readable(plan: Plan) -> list[str]:
    """Return who may be seen at a time when they are not heard as they are: lips can be read."""
    if plan.sound != "disguised":
        return []
    return [
        label
        for label, role in plan.roles.items()
        if any(not any(h.start <= s.start and s.end <= h.end for h in role.voicing.heard) for s in role.seen)
    ]


def speakable(plan: Plan, language: str) -> Plan:
    """Return a plan in which whoever was to speak with a shipped voice is silent where none speaks the language.

    Their words stand in the subtitles then, until a volunteer speaks them or the plan names a voice.
    """
    if ships(language):
        return plan
    roles = {label: _silenced(role) for label, role in plan.roles.items()}
    return replace(plan, roles=roles, others=_silenced(plan.others))


def _silenced(role: Role) -> Role:
    return replace(role, voicing=replace(role.voicing, by="silence", voice="")) if role.voicing.ships else role


def written_voicing(role: Role) -> list[str]:
    """Return the lines of the plan that say it, but for `heard`."""
    voicing = role.voicing
    lines = [f'voice = "{voicing.by}"  # {", ".join(SPEECHES[:-1])} or {SPEECHES[-1]}']
    told = "woman, man or by lot; empty: as they look; or hibari, or the path of a voice in Piper's format"
    lines.append(f"voice_model = {quoted(voicing.voice)}  # {told}")
    for key, value in (("takes", voicing.takes), ("voice_consent", voicing.consent)):
        lines += [f"{key} = {quoted(value)}"] if value else []
    return lines + (["second_pass = true"] if voicing.second_pass else [])


def _text(about: dict[str, Any], key: str, who: str) -> str:
    value = about.get(key, "")
    if not isinstance(value, str):
        raise VeilError(f"`{key}` of {who} is not a text", HINT)
    return value
