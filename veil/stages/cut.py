"""Cut: film, cast and plan go in; a film in which everyone is disguised comes out, and the ledger."""

import json
from pathlib import Path

import numpy as np

from veil.errors import VeilError
from veil.media import Writer, probe, read
from veil.nouns.cut import Attendance
from veil.nouns.picture import Box
from veil.nouns.plan import Plan
from veil.progress import Progress, silent
from veil.stages.case import Case, CaseFolder, write_json
from veil.stages.dressing import CuttingRoom


def cut(case: Case, plan: Plan, folder: CaseFolder, part: Path, progress: Progress = silent) -> int:
    """Write the disguised film to `part` and return how many faces needed a stronger cover than planned.

    `part` must not be the final name: until the ledger is settled nobody may take it for a result. Raises Exposed
    when someone was not covered, VeilError when the film changed since it was watched or cannot be read or written.
    """
    if probe(case.film.path).fingerprint != case.film.fingerprint:
        raise VeilError("the film is not the one that was watched", "run `veil watch FILM` again")
    room = CuttingRoom(case, plan, load_found(folder))
    attendance, frames = Attendance(case.cast), 0
    with read(case.film) as reader:
        heard = plan.sound == "as it is"
        with Writer.like(
            reader, part, codec=plan.codec, quality=plan.quality, preset=plan.preset, heard=heard
        ) as writer:
            for frame in progress(reader, doing="cutting", total=case.frames):
                room.ledger.owe(frame.index, frame.at, attendance, plan)
                writer.put(room.dress(frame))
                frames += 1
            if frames != case.frames:
                raise VeilError("the film has other frames than when it was watched", "run `veil watch FILM` again")
            room.ledger.settle()
    np.save(folder.path / "painted.npy", np.array(room.painted, np.int32).reshape(-1, 5))
    write_json(
        folder.ledger,
        {
            "owed": len(room.ledger.owed),
            "paid": len(room.ledger.paid & room.ledger.owed),
            "escalated": room.ledger.escalated,
            "frames": frames,
            "sound": plan.sound,
        },
    )
    return room.ledger.escalated


def load_found(folder: CaseFolder) -> dict[int, list[Box]]:
    """Return the faces that earlier attacks found, by frame."""
    if not folder.found.is_file():
        return {}
    stored = json.loads(folder.found.read_text("utf-8"))
    return {int(index): [Box(*box) for box in boxes] for index, boxes in stored.items()}
