"""`veil scene`: what else in the picture tells who, or where."""

from pathlib import Path

import click

from veil.cli.say import answer, as_json, bar
from veil.desk import Desk


@click.command()
@click.argument("case", type=click.Path(path_type=Path))
@as_json
def scene(case: Path, as_json: bool) -> None:
    """List what stands in the picture of CASE's film beside the faces: writing, and what only you can judge

    Writes scene.html into the case folder, with a picture of each thing and the lines for plan.toml that cover it. The
    page shows original pictures.

    \b
    example:
      veil scene interview.veil
    """
    desk = Desk.reopen(case, bar)
    seen = desk.scene()
    written = sum(t.found for t in seen.things)
    facts = {
        "looks": seen.looks,
        "writing": written,
        "to_judge": len(seen.things) - written,
        "page": str(desk.folder.path / "scene.html"),
    }
    words = f"{seen.looks} frames looked at, writing in {written} places, {facts['to_judge']} pictures for you to judge"
    answer(f"{words}\nscene  {facts['page']}", facts, as_json)
