"""What shows through the openings of a lent face: eyeballs and teeth of a shipped double, in the lender's colours.

Eyes and teeth are too small in a photo to be cut out of it. Only the colour of the iris and of the teeth is measured.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from veil.models.topology import INNER_LIPS, LEFT_EYE, LEFT_IRIS, RIGHT_EYE, RIGHT_IRIS
from veil.nouns.double import Double
from veil.nouns.light import FLOOR, PLAIN, basis
from veil.nouns.picture import Pixels, Points

_WHITE_CODE = 212.0  # what the white of an eye is in the textures
_IRIS_PX = 64  # radius of the iris in a texture
_ENOUGH_PX = 12  # pixels of an iris, or of teeth, that must be seen for a colour

Colour = NDArray[np.float32]


def iris_colour(pixels: Pixels, mesh: Points, light: NDArray[np.float32]) -> Colour | None:
    """Return the colour (3,) of the irises in an even white light; None where they are too small to tell."""
    found = []
    for ring, iris in ((RIGHT_EYE, RIGHT_IRIS), (LEFT_EYE, LEFT_IRIS)):
        centre = mesh[iris[0], :2]
        radius = float(np.linalg.norm(mesh[iris[1:], :2] - centre, axis=1).mean())
        mask = np.zeros(pixels.shape[:2], np.uint8)
        cv2.fillPoly(mask, [mesh[ring, :2].round().astype(np.int32)], 1)
        y, x = np.nonzero(mask)
        away = np.hypot(x - centre[0], y - centre[1]) / max(radius, 1e-6)
        part = pixels[y, x][(away > 0.42) & (away < 0.85) & (y > centre[1] - 0.35 * radius)].astype(np.float32)
        if len(part) >= _ENOUGH_PX:
            luma = part.mean(1)
            found.append(np.median(part[luma <= np.percentile(luma, 80)], 0))  # without what glints
    return _in_white(np.mean(found, 0), mesh, light) if found else None


def teeth_colour(pixels: Pixels, mesh: Points, light: NDArray[np.float32]) -> Colour | None:
    """Return the colour (3,) of the teeth in an even white light; None where none show."""
    mask = np.zeros(pixels.shape[:2], np.uint8)
    cv2.fillPoly(mask, [mesh[INNER_LIPS, :2].round().astype(np.int32)], 1)
    part = pixels[cv2.erode(mask, np.ones((3, 3))) > 0].astype(np.float32)
    if len(part) < 4 * _ENOUGH_PX:
        return None
    bright = np.median(part[part.mean(1) >= np.percentile(part.mean(1), 80)], 0)
    skin = np.exp(np.median((basis(mesh) @ light)[PLAIN[:, 0]], 0)) - FLOOR
    pale = float(bright.max() - bright.min()) < 0.3 * float(bright.max())
    return _in_white(bright, mesh, light) if pale and bright.mean() > 0.8 * skin.mean() else None


def _in_white(colour: NDArray[np.floating], mesh: Points, light: NDArray[np.float32]) -> Colour:
    """Return a colour of the picture as the textures have it, by how a double's eyes are lit (`double._white`)."""
    skin = np.exp(np.median((basis(mesh) @ light)[PLAIN[:, 0]], 0)) - FLOOR
    luma = float(np.clip(skin @ np.array([0.2126, 0.7152, 0.0722], np.float32), 4, 255))
    white = luma**0.52 * 255**0.48 * np.clip(skin / luma, 0.5, 1.8) ** 0.3
    return np.asarray(np.clip(colour * _WHITE_CODE / white, 8, 200), np.float32)


def coloured_eye(double: Double, iris: Colour | None) -> Pixels:
    """Return a double's eyeball with another colour of iris; as it is where that is not known."""
    if iris is None:
        return double.eye
    y, x = np.mgrid[:256, :256] - 127.5
    away = np.hypot(x, y) / _IRIS_PX
    own = iris_of(double)
    inside = 1 / (1 + np.exp((away - 0.97) / 0.03))[..., None]
    gain = 1 + (np.clip(iris / np.maximum(own, 6), 0.3, 3.5) - 1) * inside
    return np.asarray(np.clip(double.eye * gain + 0.5, 0, 255), np.uint8)


def iris_of(double: Double) -> Colour:
    """Return the mean colour (3,) of a double's iris."""
    y, x = np.mgrid[:256, :256] - 127.5
    away = np.hypot(x, y) / _IRIS_PX
    return np.asarray(double.eye[(away > 0.45) & (away < 0.85)].mean(0), np.float32)


def coloured_mouth(double: Double, teeth: Colour | None) -> NDArray[np.uint8]:
    """Return a double's teeth, lighter or darker and tinted as measured; as they are where that is not known."""
    mouth = double.mouth
    if teeth is None:
        return mouth
    bright = mouth[(mouth[..., 3] > 200) & (mouth[..., 1] > 110)][:, :3]
    if not len(bright):
        return mouth
    gain = np.clip(teeth / np.maximum(np.median(bright, 0), 1), 0.8, 1.15)
    out = mouth.copy()
    out[..., :3] = np.clip(mouth[..., :3] * gain + 0.5, 0, 255)
    return out
