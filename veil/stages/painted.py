"""What was painted in the last cut, sealed with what it was cut by: an attack must not judge it by another plan."""

import hashlib
import io
import zipfile
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from veil import __version__
from veil.disguise.wardrobe import mark
from veil.errors import VeilError
from veil.nouns.picture import Box
from veil.nouns.plan import Plan
from veil.nouns.publication import Publication
from veil.stages.burned import load_captions
from veil.stages.case import Case, CaseFolder, load_found
from veil.stages.foreground import load_refused
from veil.stages.mouths import mouths_of
from veil.stages.paths import load_places
from veil.stages.sound_marks import sound_marks
from veil.whole import whole

_AGAIN = "run `veil cut CASE` again"


def seal_of(case: Case, plan: Plan, folder: CaseFolder) -> str:
    """Return what a cut depends on, as a name: the film, the plan in force, what earlier attacks found, the sound."""
    found = sorted((index, [str(box) for box in boxes]) for index, boxes in load_found(folder).items())
    worn = sorted({role.double for role in (plan.others, *plan.roles.values()) if role.double})
    mouths = mouths_of(case, plan, folder)
    told = (
        __version__, case.film.fingerprint, replace(plan, title="", publication=Publication()),
        [(name, mark(name)) for name in worn], found,
        load_places(folder), sorted(load_refused(folder).items()), *load_captions(plan, folder),
        *sound_marks(plan, folder), mouths.told([p.label for p in case.cast.people], 0, case.frames),
    )  # fmt: skip
    return hashlib.sha256(repr(told).encode()).hexdigest()


def save_painted(folder: CaseFolder, painted: Sequence[NDArray[np.int32]], seal: str) -> None:
    """Keep what was painted: rows (n, 5) of frame, left, top, right, bottom."""
    with whole(folder.painted) as out:
        np.savez_compressed(out, boxes=np.concatenate(painted), seal=np.array(seal))


def load_painted(folder: CaseFolder, seal: str) -> dict[int, list[Box]]:
    """Return what was painted, by frame; raise VeilError when there is no cut, or it was made by another plan."""
    if not folder.painted.is_file():
        raise VeilError("there is no cut to attack", "run `veil cut CASE` first")
    try:
        with np.load(io.BytesIO(folder.painted.read_bytes())) as stored:
            rows, sealed = stored["boxes"], str(stored["seal"])
    except (KeyError, ValueError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise VeilError("what was painted is damaged", _AGAIN) from error
    if sealed != seal:
        raise VeilError("the cut was not made by the plan as it is now", _AGAIN)
    boxes: dict[int, list[Box]] = defaultdict(list)
    for index, left, top, right, bottom in rows.tolist():
        boxes[index].append(Box(left, top, right, bottom))
    return boxes
