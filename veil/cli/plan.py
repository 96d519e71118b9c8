"""`veil plan`: who may be seen, and who wears which double."""

from pathlib import Path

import click

from veil.cli.say import answer, as_json
from veil.desk import Desk
from veil.nouns.plan import Role


def _wears(role: Role) -> str:
    worn = f"double {role.double}" if role.cover == "double" else role.cover
    return worn + ", seen at times" * bool(role.seen) + ", lifts the veil" * bool(role.lift)


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
        label: {"cover": role.cover, "double": role.double, "seen": len(role.seen), "lifts": bool(role.lift)}
        for label, role in made.roles.items()
    }
    facts = {"plan": str(desk.folder.plan), "others": made.others.cover, "sound": made.sound, "people": roles}
    words = [f"{label}  {_wears(role)}" for label, role in made.roles.items()]
    words += [f"others  {made.others.cover}", f"sound  {made.sound}", f"plan  {facts['plan']}"]
    answer("\n".join(words), facts, as_json)
