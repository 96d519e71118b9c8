"""A picture of the wardrobe: each double calm, speaking and turned, as a disguise would paint it."""

from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np

from veil.disguise import wardrobe
from veil.disguise.faces.double import FaceDouble
from veil.errors import VeilError
from veil.models.topology import BLENDSHAPES, STILL
from veil.nouns.cast import Face, Sure
from veil.nouns.double import Double
from veil.nouns.geometry import similarity
from veil.nouns.light import LIGHT_TERMS
from veil.nouns.picture import Box, Pixels, Points
from veil.sight.motion import FRONT
from veil.sight.people import expressions

_SIDE = 320


def write_wardrobe(out: Path) -> None:
    """Write the sheet as a PNG; raise VeilError when it cannot be written."""
    names = (*wardrobe.names(), *wardrobe.lent_names())
    cells = [np.hstack(views(wardrobe.double(name))) for name in names]
    for cell, name in zip(cells, names, strict=True):
        cv2.putText(cell, name, (8, _SIDE - 10), cv2.FONT_HERSHEY_SIMPLEX, 0.6, (20, 20, 20), 1, cv2.LINE_AA)
    if len(cells) % 2:
        cells.append(np.full_like(cells[0], 128))
    sheet = np.vstack([np.hstack(cells[i : i + 2]) for i in range(0, len(cells), 2)])
    done, coded = cv2.imencode(".png", np.ascontiguousarray(sheet[:, :, ::-1]))
    try:
        if out.suffix.lower() != ".png" or not done:
            raise OSError("not a name of a PNG, or no room for it")
        out.touch(mode=0o600)
        out.chmod(0o600)  # lent faces are on it, too
        out.write_bytes(coded.tobytes())
    except OSError as error:
        hint = "give a name that ends in .png in a folder that you may write"
        raise VeilError("the sheet cannot be written", hint) from error


def views(double: Double) -> list[Pixels]:
    """Return the double calm, speaking, turned and with its eyes shut, each (_SIDE, _SIDE, 3)."""
    deltas = expressions().deltas
    moves = {"jawOpen": 0.35, "mouthSmileLeft": 0.3, "mouthSmileRight": 0.3}
    speaking = sum((w * deltas[BLENDSHAPES.index(k)] for k, w in moves.items()), np.zeros((478, 3), np.float32))
    blink = deltas[BLENDSHAPES.index("eyeBlinkLeft")] + deltas[BLENDSHAPES.index("eyeBlinkRight")]
    return [
        _shown(double, np.zeros((478, 3), np.float32), 0),
        _shown(double, np.asarray(speaking, np.float32), 0),
        _shown(double, np.zeros((478, 3), np.float32), 32),
        _shown(double, np.asarray(0.9 * blink, np.float32), -20),
    ]


def _shown(double: Double, expression: Points, yaw_deg: float) -> Pixels:
    neutral = similarity(double.mesh[STILL], FRONT[STILL]).of(double.mesh)
    angle = np.radians(yaw_deg)
    turn = np.array([[np.cos(angle), 0, np.sin(angle)], [0, 1, 0], [-np.sin(angle), 0, np.cos(angle)]])
    mesh = (neutral + expression) @ turn.T
    mesh = mesh * (_SIDE * 0.62 / float(np.ptp(neutral[:468, 1])))
    mesh[:, :2] += _SIDE / 2 - (mesh[:468, :2].min(0) + mesh[:468, :2].max(0)) / 2
    light = np.zeros((LIGHT_TERMS, 3), np.float32)
    atlas = np.median(double.atlas[300:700, 300:700].reshape(-1, 3), 0)
    light[0] = np.log(atlas + 6)
    light[1], light[3] = 0.12, -0.10
    face = Face(Fraction(0), Box.around(mesh[:468]), mesh.astype(np.float32), Sure.FITTED, light, 0.0, 0.5)
    grey = np.full((_SIDE, _SIDE, 3), 150, np.uint8)
    return FaceDouble(double, neutral).wear(grey, face, 1)
