"""Plan: who may be seen, and what everyone else wears, as a file that a person reads and edits."""

import tomllib
from dataclasses import replace
from typing import Any, cast

from veil.disguise import wardrobe
from veil.errors import VeilError
from veil.nouns.picture import Box
from veil.nouns.plan import COVERS, Cover, Plan, Region, Role
from veil.nouns.time import ALWAYS, Span, clock, parse_clock
from veil.stages.beyond import KEYS, beyond_of, check_hair, written_beyond
from veil.stages.case import Case, CaseFolder
from veil.stages.casting import Scores, casting, too_alike, try_on

_HINT = "correct plan.toml in the case folder, or delete it and run `veil plan` again"


def make_plan(case: Case, folder: CaseFolder) -> Plan:
    """Read the case's plan, or write a first one in which everyone is disguised.

    Raises VeilError when it is wrong, or gives someone a double that looks like them.
    """
    scores = try_on(case, folder)
    if not folder.plan.is_file():
        folder.plan.write_text(written(default_plan(case, scores), case), "utf-8")
    try:
        text = folder.plan.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise VeilError("the plan is not a text in UTF-8", _HINT) from error
    return read_plan(text, case, scores)


def default_plan(case: Case, scores: Scores) -> Plan:
    """Return the plan that nobody made: everyone wears a double, nobody is seen, no voice is heard."""
    doubles = casting(case, scores)
    return Plan(
        seed=int(case.film.fingerprint[:8], 16),
        roles={p.label: Role(double=doubles.get(p.label)) for p in case.cast.people},
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
        f"seed = {plan.seed}",
        f'sound = "{plan.sound}"  # or "as it is": then every voice in the film is heard unchanged',
        f'codec = "{plan.codec}"  # or "hevc"',
        f"quality = {plan.quality}  # the encoder's CRF: 0 best, 51 worst",
        f'preset = "{plan.preset}"  # the encoder\'s: ultrafast to veryslow',
        f'camera = "{plan.camera}"  # when its own noise, by which a camera is known, goes: or "removed", "as it is"',
        f'writing = "{plan.writing}"  # text that stands in the picture; or "covered"',
        "",
        *_regions_text(plan.regions),
        "[others]",
        f'cover = "{plan.others.cover}"  # double, shadow or blackout',
    ]
    for label, role in plan.roles.items():
        lines += ["", f"[people.{label}]  # on screen for {float(seconds.get(label, 0)):.1f} s"]
        lines.append(f'cover = "{role.cover}"')
        if role.double:
            lines.append(f'double = "{role.double}"')
        lines += written_beyond(role.beyond)
        lines.append(f"performance = {role.performance}  # percent of their own way of moving that is kept")
        lines.append(f"hidden = [{_spans_text(role.hidden)}]  # when their head goes in shadow, whatever they wear")
        told = 'when they may be seen as they are: "always", "0:00:01.5 - 0:00:04"'
        lines.append(f"seen = [{_spans_text(role.seen)}]  # {told}")
    return "\n".join(lines) + "\n"


def _regions_text(regions: tuple[Region, ...]) -> list[str]:
    lines = []
    for region in regions:
        box = region.box
        corners = f"{box.left}, {box.top}, {box.right}, {box.bottom}"
        lines += ["[[regions]]", f'at = "{clock(region.at)}"', f"box = [{corners}]  # left, top, right, bottom", ""]
    return lines


def _spans_text(spans: tuple[Span, ...]) -> str:
    return ", ".join('"always"' if s == ALWAYS else f'"{clock(s.start)} - {clock(s.end)}"' for s in spans)


def read_plan(text: str, case: Case, scores: Scores) -> Plan:
    """Read a plan for this case. Raises VeilError when it says something that Veil does not know."""
    try:
        told = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise VeilError(f"the plan is not valid TOML: {error}", _HINT) from error
    people = told.pop("people", {})
    if not isinstance(people, dict):
        raise VeilError("the plan's part for people is not a table", _HINT)
    others = _role(told.pop("others", {}), "others")
    _only(told, {"seed", "sound", "codec", "quality", "preset", "camera", "writing", "regions"}, "the plan")
    known = {p.label for p in case.cast.people}
    for label in people:
        if label not in known:
            raise VeilError(f"the plan names {label}, who is not in the film", _HINT)
    roles = {label: _role(about, label) for label, about in people.items()}
    check_hair(roles, case)
    if others.seen:
        raise VeilError("the plan lets strangers be seen", "name in `people` who may be seen, not in `others`")
    return Plan(
        seed=_whole(told.get("seed", 0), "seed", 0, 2**63),
        roles=_with_doubles(roles, case, scores),
        others=others,
        sound=_one_of(told.get("sound", "left out"), ("left out", "as it is"), "sound"),
        codec=_one_of(told.get("codec", "h264"), ("h264", "hevc"), "codec"),
        quality=_whole(told.get("quality", 20), "quality", 0, 51),
        preset=_one_of(told.get("preset", "veryfast"), _PRESETS, "preset"),
        camera=_one_of(told.get("camera", "if recognised"), ("if recognised", "removed", "as it is"), "camera"),
        writing=_one_of(told.get("writing", "as it is"), ("covered", "as it is"), "writing"),
        regions=_regions(told.get("regions", [])),
    )


_PRESETS = ("ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow")


def _with_doubles(roles: dict[str, Role], case: Case, scores: Scores) -> dict[str, Role]:
    """Cast whoever wears a double that the plan does not name; refuse a named one that looks like its witness."""
    taken = {label: role.double for label, role in roles.items() if role.double}
    for label, name in taken.items():
        if too_alike(scores, label, name):
            best = min(scores[label], key=lambda n: scores[label][n])
            raise VeilError(f"{label} would still look like themselves in {name}", f"choose another, such as {best}")
    doubles = casting(case, scores, taken)
    return {label: replace(role, double=doubles.get(label)) for label, role in roles.items()}


def _role(about: Any, who: str) -> Role:
    if not isinstance(about, dict):
        raise VeilError(f"the plan's part for {who} is not a table", _HINT)
    _only(about, {"cover", "double", "seen", "performance", "hidden"} | KEYS, who)
    cover = cast(Cover, _one_of(about.get("cover", "double"), COVERS, f"cover of {who}"))
    name = about.get("double")
    if name is not None and name not in wardrobe.names():
        raise VeilError(f"there is no double called {name!r}", "see `veil doubles`")
    seen, hidden = (_spans(about.get(key, []), key, who) for key in ("seen", "hidden"))
    performance = _whole(about.get("performance", 100), f"performance of {who}", 0, 100)
    return Role(cover, name, seen, performance, hidden, beyond_of(about, who))


def _spans(told: Any, key: str, who: str) -> tuple[Span, ...]:
    if not isinstance(told, list):
        raise VeilError(f"`{key}` of {who} is not a list", _HINT)
    return tuple(_span(s, f"`{key}` of {who}") for s in told)


def _regions(told: Any) -> tuple[Region, ...]:
    hint = 'write [[regions]], then at = "0:00:01.5" and box = [left, top, right, bottom] in pixels'
    if not isinstance(told, list):
        raise VeilError("the plan's regions are not tables", hint)
    regions = []
    for about in told:
        try:
            _only(about, {"at", "box"}, "a region")
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


def _only(table: dict[str, Any], known: set[str], where: str) -> None:
    for key in table:
        if key not in known:
            raise VeilError(f"{where} says {key!r}, which Veil does not know", _HINT)


def _one_of(value: Any, choices: tuple[Any, ...], what: str) -> Any:
    if value not in choices:
        raise VeilError(f"{what} cannot be {value!r}", f"choose one of {', '.join(choices)}")
    return value


def _whole(value: Any, what: str, low: int, high: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise VeilError(f"{what} must be a whole number from {low} to {high}", _HINT)
    return value
