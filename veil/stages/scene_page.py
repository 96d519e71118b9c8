"""The page of the scene: every thing that was seen, when, and the lines for the plan that cover it. Private."""

import html

from veil.nouns.plan import Plan
from veil.nouns.time import clock
from veil.stages.case import Case, CaseFolder
from veil.stages.scene import Scene, Thing, covered, write_private


def snippet(thing: Thing) -> str:
    """Return the lines that cover a thing, to be put into the plan before `[others]`."""
    box = thing.box
    return f'[[regions]]\nat = "{clock(thing.at)}"\nbox = [{box.left}, {box.top}, {box.right}, {box.bottom}]'


def write_scene(scene: Scene, case: Case, plan: Plan, folder: CaseFolder) -> None:
    """Write scene.html into the case folder, readable by its owner only."""
    found = [_row(t, case, plan) for t in scene.things if t.found]
    shown = [_row(t, case, plan) for t in scene.things if not t.found]
    writing = (
        f"<table><tr><th>Label<th>Picture<th>When<th>To cover it<th>In the plan</tr>{''.join(found)}</table>"
        if found
        else f"<p>No writing was found in {scene.looks} looks.</p>"
    )
    page = f"""<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Scene</title>
<style>body{{font:16px/1.5 sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem}}
img{{max-width:320px;max-height:240px}}td,th{{padding:.4rem .8rem;text-align:left;vertical-align:top}}
pre{{margin:0;background:#f4f4f4;padding:.4rem .6rem;user-select:all}}.warn{{background:#fff3cd;padding:.6rem 1rem}}
.open{{color:#a40000;font-weight:bold}}</style>
<h1>What else tells who, or where</h1>
<p class="warn">These are original pictures. Guard this folder as you guard the film, and destroy it with it.</p>
<p>A sign, a number plate, a badge or the view from a window can lead somebody to a door. Veil looked at {scene.looks}
frames, about one a second. What shows more briefly, very small, or in handwriting may be missing here.</p>
<h2>Writing that Veil found</h2>
<p>To cover all of it, write <code>writing = "covered"</code> in <code>plan.toml</code>. To cover only some, copy
its lines into the plan, above <code>[others]</code>. Each is followed through its whole shot.</p>
{writing}
<h2>Veil cannot judge these; look</h2>
<p>Jewellery, tattoos, scars, logos, uniforms, hands, screens, pictures on the wall, windows: Veil does not know them.
Here is every shot once, and for each person the clearest pictures of neck and chest, and of hands and body. The lines
beside a picture cover all of it: make the box smaller, to what gives somebody away.</p>
<table><tr><th>Label<th>Picture<th>When<th>To cover it<th>In the plan</tr>{"".join(shown)}</table>
</html>
"""
    write_private(folder.path / "scene.html", page.encode())


def _row(thing: Thing, case: Case, plan: Plan) -> str:
    when = f"{clock(thing.start)} to {clock(thing.end)}, shot {thing.shot + 1}" if thing.found else clock(thing.at)
    state = "covered" if covered(thing, plan, case) else '<span class="open">as it is</span>'
    return (
        f'<tr><td>{thing.label}<td><img src="scene/{thing.label}.jpg" alt="{html.escape(thing.kind)}">'
        f"<br>{html.escape(thing.kind)}<td>{when}<td><pre>{html.escape(snippet(thing))}</pre><td>{state}</tr>\n"
    )
