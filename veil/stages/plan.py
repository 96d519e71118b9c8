"""Plan: who may be seen, and what everyone else wears, as a file that a person reads and edits."""

import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from veil.disguise import lent, wardrobe
from veil.disguise.scene.signs import SENTENCES, check_text
from veil.errors import VeilError
from veil.nouns.picture import Box
from veil.nouns.plan import CLOTHES, COVERS, Cover, Plan, Region, Role
from veil.nouns.signals import CORNERS, HALO_MOST, LANGUAGES, Signals
from veil.nouns.time import ALWAYS, Span, clock, parse_clock
from veil.nouns.voicing import FROMS
from veil.stages.beyond import KEYS, beyond_of, check_hair, written_beyond
from veil.stages.case import Case, CaseFolder
from veil.stages.casting import Scores, casting, too_alike, try_on
from veil.stages.heard import language_of, load_heard
from veil.stages.lifting import check_lifts, read_lift
from veil.stages.publication import read_publication, written_publication
from veil.stages.signing import signs_of
from veil.stages.told import HINT, one_of, only, quoted, whole
from veil.stages.voicing import KEYS as VOICE_KEYS
from veil.stages.voicing import (
    alias_of,
    check_heard,
    check_voices,
    hidden_from_of,
    speakable,
    told_language_of,
    voicing_of,
    written_voicing,
)


def make_plan(case: Case, folder: CaseFolder) -> Plan:
    """Read the case's plan, or write a first one in which everyone is disguised.

    Who is heard and never seen (V1, V2, ...) has a place in it too, once the film was heard. Raises VeilError when it
    is wrong, or gives someone a double that looks like them.
    """
    heard = load_heard(folder)
    if not folder.plan.is_file():
        first = speakable(default_plan(case, try_on(case, folder), heard.speakers), language_of("", heard))
        folder.plan.write_text(written(first, case), "utf-8")
    text = _text(folder)
    plan = read_plan(text, case, try_on(case, folder, _named(text, case)), folder.path, heard.speakers)
    return speakable(plan, language_of(plan.language, heard))


def told_language(folder: CaseFolder) -> str:
    """Return the language that the plan names, "" where there is no plan yet or it names none."""
    if not folder.plan.is_file():
        return ""
    try:
        return str(tomllib.loads(_text(folder)).get("language", ""))
    except tomllib.TOMLDecodeError:
        return ""  # what is wrong with the plan, `read_plan` says


def _text(folder: CaseFolder) -> str:
    try:
        return folder.plan.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise VeilError("the plan is not a text in UTF-8", HINT) from error


def _named(text: str, case: Case) -> dict[str, str]:
    """Return who is to wear which double, by the plan's text; what is wrong with it, `read_plan` says."""
    try:
        told = tomllib.loads(text)
        people, others = told.get("people", {}), told.get("others", {}).get("double", "")
        return {p.label: str(people.get(p.label, {}).get("double", others)) for p in case.cast.people}
    except (tomllib.TOMLDecodeError, AttributeError):
        return {}


def default_plan(case: Case, scores: Scores, speakers: Sequence[str] = ()) -> Plan:
    """Return the plan that nobody made: everyone wears a double and has another voice, nobody is seen or heard."""
    doubles = casting(case, scores)
    seen = [p.label for p in case.cast.people]
    return Plan(
        seed=int(case.film.fingerprint[:8], 16),
        roles={label: Role(double=doubles.get(label)) for label in dict.fromkeys((*seen, *speakers))},
        sound="disguised",
    )


def written(plan: Plan, case: Case) -> str:
    """Return the plan as the text of a TOML file, with remarks for the person who edits it."""
    seconds = {
        p.label: sum(t.last - t.first for t in case.cast.tracks if t.label in p.tracks) / case.film.rate_hz
        for p in case.cast.people
    }
    lines = [
        "# Who may be seen, and what everyone else wears. Change it, save it, then run `veil cut`.",
        "# cast.html in this folder shows who P1, P2, ... are. Who is not named here wears what `others` says.",
        "",
        f"title = {quoted(plan.title)}  # of the film, when someone lent a face for it",
        f"seed = {plan.seed}",
        f'hidden_from = "{plan.hidden_from}"  # {" or ".join(FROMS[:-1])}: it sets what a voice may become',
        f'sound = "{plan.sound}"  # or "left out"; or "as it is": then every voice in the film is heard unchanged',
        f'language = "{plan.language}"  # that is spoken, such as "en" or "ru"; empty: as it is recognised',
        f'ambience = "{plan.ambience}"  # where nobody speaks; or "as it is": then the place can be heard',
        f'subtitles = "{plan.subtitles}"  # the film, as files; or "burned in", "left out"',
        f'codec = "{plan.codec}"  # or "hevc"',
        f"quality = {plan.quality}  # the encoder's CRF: 0 best, 51 worst",
        f'preset = "{plan.preset}"  # the encoder\'s: ultrafast to veryslow',
        f'camera = "{plan.camera}"  # when its own noise, by which a camera is known, goes: or "removed", "as it is"',
        f'writing = "{plan.writing}"  # text that stands in the picture; or "covered"',
        "",
        *_regions_text(plan.regions),
        *_signals_text(plan.signals),
        *written_publication(plan.publication),
        "",
        "[others]  # what is said of one person below may be said here, but `seen`, `lift`, `heard` and `alias`",
        *_worn_text(plan.others),
    ]
    for label, role in plan.roles.items():
        if label in seconds:
            lines += ["", f"[people.{label}]  # on screen for {float(seconds[label]):.1f} s"]
            lines += _worn_text(role)
            lines.append(f"seen = [{_spans_text(role.seen)}]  # when they may be seen as they are: {_TIMES}")
            lines += _lift_text(role, label)
        else:
            lines += ["", f"[people.{label}]  # heard, and never seen to speak", *written_voicing(role)]
        lines.append(f"heard = [{_spans_text(role.voicing.heard)}]  # when they may be heard as they are: {_TIMES}")
        lines.append(f'alias = {quoted(role.alias)}  # the name under which they appear: "identified as ..."')
    return "\n".join(lines) + "\n"


_TIMES = '"always", "0:00:01.5 - 0:00:04"'


def _worn_text(role: Role) -> list[str]:
    """Return the lines that say what somebody wears."""
    return [
        f'cover = "{role.cover}"  # {", ".join(COVERS[:-1])} or {COVERS[-1]}',
        *([f'double = "{role.double}"'] if role.double else []),
        *written_beyond(role.beyond),
        f"performance = {role.performance}  # percent of their own way of moving that is kept",
        f"hidden = [{_spans_text(role.hidden)}]  # when their head goes in shadow, whatever they wear",
        f'clothes = "{role.clothes}"  # or flat, recoloured, or a colour such as blue',
        *written_voicing(role),
    ]


def _signals_text(signals: Signals) -> list[str]:
    return [
        "[signals]  # what tells the viewers that people are disguised; in some countries the law asks for it",
        f"halo = {signals.halo}  # percent of the usual softness around a double: 0 none, {HALO_MOST} the most",
        f'card = "{signals.card}"  # a sentence over the first five seconds; or "off"',
        f"text = {quoted(signals.text)}  # of the card; empty: {SENTENCES[signals.language]}",
        f'language = "{signals.language}"  # of card and mark: {", ".join(LANGUAGES)}',
        f'mark = "{signals.mark}"  # a small sign all through the film: {", ".join(CORNERS[1:])}',
        "",
    ]


def _lift_text(role: Role, label: str) -> list[str]:
    """Return the lines for a veil that lifts; for one that does not, how it would, as a remark."""
    if not role.lift:
        return [
            '# lift = [["0:01:02", 100], ["0:01:04", 0]] dissolves the disguise: they are seen, and known.',
            f'# Only they can decide that: write it down beside this file, and lift_consent = "consent-{label}.toml".',
        ]
    frames = ", ".join(f'["{clock(at)}", {round(100 * opacity)}]' for at, opacity in role.lift)
    lines = [f"lift = [{frames}]  # percent of the disguise at these times: below 100 they are seen, and known"]
    return [*lines, f"lift_consent = {quoted(role.lift_consent)}"] if role.lift_consent else lines


def _regions_text(regions: tuple[Region, ...]) -> list[str]:
    lines = []
    for region in regions:
        box = region.box
        corners = f"{box.left}, {box.top}, {box.right}, {box.bottom}"
        lines += ["[[regions]]", f'at = "{clock(region.at)}"', f"box = [{corners}]  # left, top, right, bottom", ""]
    return lines


def _spans_text(spans: tuple[Span, ...]) -> str:
    return ", ".join('"always"' if s == ALWAYS else f'"{clock(s.start)} - {clock(s.end)}"' for s in spans)


def read_plan(text: str, case: Case, scores: Scores, folder: Path | None = None, speakers: Sequence[str] = ()) -> Plan:
    """Read a plan for this case, whose consents lie in `folder`; `speakers` are heard in it.

    Raises VeilError when it says something that Veil does not know, or lifts a veil without consent.
    """
    try:
        told = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise VeilError(f"the plan is not valid TOML: {error}", HINT) from error
    people = told.pop("people", {})
    others = _role(told.pop("others", {}), "others")
    _check_told(told, people, {p.label for p in case.cast.people}, speakers)
    roles = {label: _role(about, label) for label, about in people.items()}
    _check_roles(roles, others, case)
    _check_lent({role.double for role in (*roles.values(), others)}, told.get("title", ""))
    plan = Plan(
        title=told.get("title", ""),
        seed=whole(told.get("seed", 0), "seed", 0, 2**63),
        roles=_with_doubles(roles, others, case, scores),
        others=others,
        sound=one_of(told.get("sound", "disguised"), ("disguised", "left out", "as it is"), "sound"),
        hidden_from=hidden_from_of(told),
        language=told_language_of(told),
        ambience=one_of(told.get("ambience", "synthetic"), ("synthetic", "as it is"), "ambience"),
        subtitles=one_of(told.get("subtitles", "beside"), ("beside", "burned in", "left out"), "subtitles"),
        codec=one_of(told.get("codec", "h264"), ("h264", "hevc"), "codec"),
        quality=whole(told.get("quality", 20), "quality", 0, 51),
        preset=one_of(told.get("preset", "veryfast"), _PRESETS, "preset"),
        camera=one_of(told.get("camera", "if recognised"), ("if recognised", "removed", "as it is"), "camera"),
        writing=one_of(told.get("writing", "as it is"), ("covered", "as it is"), "writing"),
        regions=_regions(told.get("regions", [])),
        signals=_signals(told.get("signals", {})),
        publication=read_publication(told.get("publication", {})),
    )
    check_voices(plan)
    check_lifts(plan, case, folder)
    signs_of(case, plan)  # a card that does not fit is told now, not by the cut
    return plan


_KEYS = {
    "title", "seed", "hidden_from", "sound", "language", "ambience", "subtitles", "codec", "quality", "preset",
    "camera", "writing", "regions", "signals", "publication",
}  # fmt: skip


def _check_told(told: dict[str, Any], people: Any, seen: set[str], heard: Sequence[str]) -> None:
    """Raise VeilError when the plan says what nobody knows, or names somebody who is not in the film."""
    if not isinstance(people, dict):
        raise VeilError("the plan's part for people is not a table", HINT)
    only(told, _KEYS, "the plan")
    for label in people:
        if label not in seen | set(heard):
            raise VeilError(f"the plan names {label}, who is not in the film", HINT)
        if label not in seen and isinstance(people[label], dict):
            only(people[label], VOICE_KEYS, f"{label}, who is heard and never seen,")
    if not isinstance(told.get("title", ""), str):
        raise VeilError("`title` in the plan is not a text", HINT)


def _check_roles(roles: dict[str, Role], others: Role, case: Case) -> None:
    """Raise VeilError when what people are to wear cannot be, or says two things at once."""
    if others.seen:
        raise VeilError("the plan lets strangers be seen", "name in `people` who may be seen, not in `others`")
    check_heard(roles, others)
    for label, role in (*roles.items(), ("others", others)):
        if any(away.meets(shown) for away in role.hidden for shown in (*role.seen, *role.lifts())):
            raise VeilError(
                f"{label} is hidden and seen at the same time",
                "take that time out of `hidden`, or out of `seen` or `lift`",
            )
    check_hair({p.label: roles.get(p.label, others) for p in case.cast.people}, case)


def _signals(told: Any) -> Signals:
    if not isinstance(told, dict):
        raise VeilError("the plan's part for signals is not a table", HINT)
    only(told, {"halo", "card", "text", "language", "mark"}, "`signals`")
    text = told.get("text", "")
    if not isinstance(text, str):
        raise VeilError("the text of the card is not a text", "write it between quotes, or leave it empty")
    check_text(text)
    return Signals(
        halo=whole(told.get("halo", 100), "halo", 0, HALO_MOST),
        card=one_of(told.get("card", "on"), ("on", "off"), "card"),
        text=text.strip(),
        language=one_of(told.get("language", "en"), LANGUAGES, "language"),
        mark=one_of(told.get("mark", "off"), CORNERS, "mark"),
    )


_PRESETS = ("ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow")


def _check_lent(named: Iterable[str | None], title: str) -> None:
    """Raise VeilError when the plan names a lent double whose lenders do not let it be worn today in this film."""
    for name in sorted({name for name in named if name} - set(wardrobe.names())):
        lent.check(name, title, lent.today())


def _with_doubles(roles: dict[str, Role], others: Role, case: Case, scores: Scores) -> dict[str, Role]:
    """Cast whoever wears a double that the plan does not name; refuse a named one that looks like its witness."""
    taken = {label: role.double for label, role in roles.items() if role.double}
    for label in (p.label for p in case.cast.people):
        name = roles.get(label, others).double
        if name and too_alike(scores, label, name):
            best = min(wardrobe.names(), key=lambda n: scores[label].get(n, 1.0))
            raise VeilError(f"{label} would still look like themselves in {name}", f"choose another, such as {best}")
    doubles = casting(case, scores, taken)
    return {label: replace(role, double=doubles.get(label)) for label, role in roles.items()}


_ROLE_KEYS = {"cover", "double", "seen", "performance", "hidden", "clothes", "lift", "lift_consent"}


def _role(about: Any, who: str) -> Role:
    if not isinstance(about, dict):
        raise VeilError(f"the plan's part for {who} is not a table", HINT)
    only(about, _ROLE_KEYS | KEYS | VOICE_KEYS, who)
    cover = cast(Cover, one_of(about.get("cover", "double"), COVERS, f"cover of {who}"))
    name = about.get("double")
    if name is not None and name not in (*wardrobe.names(), *lent.names()):
        raise VeilError(f"there is no double called {name!r}", "see `veil doubles`")
    seen, hidden, heard = (_spans(about.get(key, []), key, who) for key in ("seen", "hidden", "heard"))
    performance = whole(about.get("performance", 100), f"performance of {who}", 0, 100)
    clothes = str(one_of(about.get("clothes", "as they are"), CLOTHES, f"clothes of {who}"))
    consent = about.get("lift_consent", "")
    if not isinstance(consent, str):
        raise VeilError(f"`lift_consent` of {who} is not the name of a file", HINT)
    lift = read_lift(about.get("lift", []), who)
    voicing, alias = voicing_of(about, who, heard), alias_of(about, who)
    return Role(cover, name, seen, performance, hidden, beyond_of(about, who), clothes, lift, consent, voicing, alias)


def _spans(told: Any, key: str, who: str) -> tuple[Span, ...]:
    if not isinstance(told, list):
        raise VeilError(f"`{key}` of {who} is not a list", HINT)
    return tuple(_span(s, f"`{key}` of {who}") for s in told)


def _regions(told: Any) -> tuple[Region, ...]:
    hint = 'write [[regions]], then at = "0:00:01.5" and box = [left, top, right, bottom] in pixels'
    if not isinstance(told, list):
        raise VeilError("the plan's regions are not tables", hint)
    regions = []
    for about in told:
        try:
            only(about, {"at", "box"}, "a region")
            at, corners = parse_clock(about["at"]), about["box"]
            if len(corners) != 4 or not all(type(c) is int for c in corners):
                raise ValueError("a box has four corners")
            box = Box(*corners)
        except (AttributeError, KeyError, TypeError, ValueError, ZeroDivisionError) as error:
            raise VeilError("a region of the plan has no time or no box", hint) from error
        if not box.area:
            raise VeilError("a region of the plan covers nothing", hint)
        regions.append(Region(at, box))
    return tuple(regions)


def _span(text: Any, where: str) -> Span:
    if text == "always":
        return ALWAYS
    try:
        start, end = (parse_clock(part) for part in str(text).split("-"))
        return Span(start, end)
    except (ValueError, ZeroDivisionError) as error:
        hint = 'write it like "0:01:02.5 - 0:01:09"'
        raise VeilError(f"a span in {where} is not a time span", hint) from error
