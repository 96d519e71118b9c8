"""`veil plan`: who may be seen, and who wears which double."""

from pathlib import Path

import click

from veil.cli.say import answer, as_json
from veil.desk import Desk
from veil.nouns.plan import Role
from veil.nouns.voicing import Speech
from veil.stages.voicing import readable

_SPEAKS: dict[Speech, str] = {
    "revoice": "another voice",
    "double": "a volunteer's voice",
    "convert": "a bent voice",
    "silence": "silent",
}


def _wears(role: Role, label: str, sound: str) -> str:
    """Say what somebody wears and speaks with; of who is only heard, the second alone."""
    worn = f"double {role.double}" if role.cover == "double" and role.double else role.cover
    worn += ", seen at times" * bool(role.seen) + ", lifts the veil" * bool(role.lift)
    spoken = _SPEAKS[role.voicing.by] + ", heard at times" * bool(role.voicing.heard)
    told = [*([] if label.startswith("V") else [worn]), *([spoken] if sound == "disguised" else [])]
    return ", ".join(told)


@click.command()
@click.argument("case", type=click.Path(path_type=Path))
@as_json
def plan(case: Path, as_json: bool) -> None:
    """Write the plan of CASE if there is none, check it, and say what everyone wears

    \b
    example:
      veil plan interview.veil
    """
    desk = Desk.reopen(case)
    made = desk.plan()
    roles = {
        label: {
            "cover": role.cover, "double": role.double, "seen": len(role.seen), "lifts": bool(role.lift),
            "voice": role.voicing.by, "heard": len(role.voicing.heard), "alias": role.alias,
        }
        for label, role in made.roles.items()
    }  # fmt: skip
    facts = {"plan": str(desk.folder.plan), "others": made.others.cover, "sound": made.sound, "people": roles}
    words = [f"{label}  {_wears(role, label, made.sound)}" for label, role in made.roles.items()]
    words += [f"others  {_wears(made.others, 'others', made.sound)}", f"sound  {made.sound}"]
    words += [
        f"{label} may be seen while another voice speaks for them: their lips can be read" for label in readable(made)
    ]
    words.append(f"plan  {facts['plan']}")
    answer("\n".join(words), facts, as_json)
