"""The contact sheet of the cast: who is P1, P2, ..., as one picture and one page. Both show real faces."""

import html

import cv2
import numpy as np

from veil.nouns.cast import Person, Track
from veil.nouns.picture import Pixels
from veil.nouns.time import clock
from veil.stages.case import Case, CaseFolder

_SIDE = 128
_COLUMNS = 6


def write_sheet(case: Case, folder: CaseFolder) -> None:
    """Write cast.png and cast.html into the case folder."""
    tracks = {t.label: t for t in case.cast.tracks}
    portraits = [(p, _portrait([tracks[t] for t in p.tracks])) for p in case.cast.people]
    cv2.imwrite(str(folder.path / "cast.png"), _sheet([(p.label, x) for p, x in portraits])[:, :, ::-1])
    (folder.path / "cast.html").write_text(_page(case, tracks), "utf-8")


def portrait(track: Track) -> Pixels | None:
    """Return the best picture of a track, square RGB, if one was kept."""
    path = track.path.with_suffix(".png")
    stored = cv2.imread(str(path)) if path.is_file() else None
    return None if stored is None else stored[:, :, ::-1].astype(np.uint8)


def _portrait(tracks: list[Track]) -> Pixels:
    """Return the picture of the longest track that has one."""
    for track in sorted(tracks, key=lambda t: t.first - t.last):
        picture = portrait(track)
        if picture is not None:
            return picture
    return np.full((_SIDE, _SIDE, 3), 40, np.uint8)


def _sheet(portraits: list[tuple[str, Pixels]]) -> Pixels:
    cells = []
    for label, picture in portraits:
        cell = np.full((_SIDE + 24, _SIDE + 8, 3), 255, np.uint8)
        cell[4 : 4 + _SIDE, 4 : 4 + _SIDE] = picture
        cv2.putText(cell, label, (6, _SIDE + 19), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (0, 0, 0), 1, cv2.LINE_AA)
        cells.append(cell)
    blank = np.full((_SIDE + 24, _SIDE + 8, 3), 255, np.uint8)
    while not cells or len(cells) % min(_COLUMNS, max(len(cells), 1)):
        cells.append(blank)
    across = min(_COLUMNS, len(cells))
    return np.vstack([np.hstack(cells[i : i + across]) for i in range(0, len(cells), across)])


def _page(case: Case, tracks: dict[str, Track]) -> str:
    rows = "\n".join(_row(p, [tracks[t] for t in p.tracks], case) for p in case.cast.people)
    return f"""<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Cast</title>
<style>body{{font:16px/1.5 sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}}
img{{width:128px;margin:2px;vertical-align:middle}}td,th{{padding:.4rem .8rem;text-align:left;vertical-align:top}}
.warn{{background:#fff3cd;padding:.6rem 1rem}}</style>
<h1>Who is in the film</h1>
<p class="warn">These are real faces. Guard this folder as you guard the film, and destroy it with it.</p>
<p>Everyone wears a disguise unless <code>plan.toml</code> says when they may be seen.</p>
<table><tr><th>Label</th><th>Appears as</th><th>When</th></tr>
{rows}
</table></html>
"""


def _row(person: Person, tracks: list[Track], case: Case) -> str:
    pictures = "".join(
        f'<img src="tracks/{t.label}.png" alt="{t.label}">' for t in tracks[:12] if t.path.with_suffix(".png").is_file()
    )
    spans = ", ".join(
        f"{clock(t.first / case.film.rate_hz)} to {clock(t.last / case.film.rate_hz)}" for t in tracks[:20]
    )
    return f"<tr><td>{html.escape(person.label)}</td><td>{pictures}</td><td>{spans}</td></tr>"
