"""The face mesh that everyone shares: 478 points, their triangles, texture places and named rings.

Indices, canonical shape (centimetres; x to the image's right, y up, z towards the viewer) and texture places are
those of MediaPipe's face landmarker (Apache-2.0). "Left" is the person's own left.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

POINTS = 478
"""468 points of skin, then 5 of each iris: 468 and 473 are the centres of the right and the left."""

_stored = np.load(Path(__file__).parent / "weights" / "canonical_face.npz")
CANONICAL: NDArray[np.float32] = _stored["vertices"]
"""The average face, (468, 3)."""
UV: NDArray[np.float32] = _stored["uv"]
"""Where each point lies in a texture, (468, 2), 0..1, u to the right and v down: the face is upright."""
_triangles: NDArray[np.int32] = _stored["triangles"].astype(np.int32)

OVAL = np.array(
    [10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377,
     152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109]
)  # fmt: skip
RIGHT_EYE = np.array([33, 7, 163, 144, 145, 153, 154, 155, 133, 173, 157, 158, 159, 160, 161, 246])
LEFT_EYE = np.array([263, 249, 390, 373, 374, 380, 381, 382, 362, 398, 384, 385, 386, 387, 388, 466])
INNER_LIPS = np.array(
    [78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308, 415, 310, 311, 312, 13, 82, 81, 80, 191]
)  # fmt: skip
OUTER_LIPS = np.array(
    [61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 409, 270, 269, 267, 0, 37, 39, 40, 185]
)  # fmt: skip
RIGHT_BROW = np.array([46, 53, 52, 65, 55, 70, 63, 105, 66, 107])
LEFT_BROW = np.array([276, 283, 282, 295, 285, 300, 293, 334, 296, 336])
RIGHT_IRIS = np.arange(468, 473)
LEFT_IRIS = np.arange(473, 478)
STILL = np.array(
    [6, 10, 33, 54, 67, 127, 133, 143, 234, 93, 168, 197, 195, 5, 263, 284, 297, 356, 362, 372, 454, 323, 151, 9]
)
"""Points that expressions hardly move: nose bridge, temples, cheekbones, eye corners."""

BLENDSHAPE_POINTS = np.array(
    [0, 1, 4, 5, 6, 7, 8, 10, 13, 14, 17, 21, 33, 37, 39, 40, 46, 52, 53, 54, 55, 58, 61, 63, 65, 66, 67, 70, 78, 80,
     81, 82, 84, 87, 88, 91, 93, 95, 103, 105, 107, 109, 127, 132, 133, 136, 144, 145, 146, 148, 149, 150, 152, 153,
     154, 155, 157, 158, 159, 160, 161, 162, 163, 168, 172, 173, 176, 178, 181, 185, 191, 195, 197, 234, 246, 249,
     251, 263, 267, 269, 270, 276, 282, 283, 284, 285, 288, 291, 293, 295, 296, 297, 300, 308, 310, 311, 312, 314,
     317, 318, 321, 323, 324, 332, 334, 336, 338, 356, 361, 362, 365, 373, 374, 375, 377, 378, 379, 380, 381, 382,
     384, 385, 386, 387, 388, 389, 390, 397, 398, 400, 402, 405, 409, 415, 454, 466, 468, 469, 470, 471, 472, 473,
     474, 475, 476, 477]
)  # fmt: skip
BLENDSHAPES = (
    "_neutral",
    "browDownLeft",
    "browDownRight",
    "browInnerUp",
    "browOuterUpLeft",
    "browOuterUpRight",
    "cheekPuff",
    "cheekSquintLeft",
    "cheekSquintRight",
    "eyeBlinkLeft",
    "eyeBlinkRight",
    "eyeLookDownLeft",
    "eyeLookDownRight",
    "eyeLookInLeft",
    "eyeLookInRight",
    "eyeLookOutLeft",
    "eyeLookOutRight",
    "eyeLookUpLeft",
    "eyeLookUpRight",
    "eyeSquintLeft",
    "eyeSquintRight",
    "eyeWideLeft",
    "eyeWideRight",
    "jawForward",
    "jawLeft",
    "jawOpen",
    "jawRight",
    "mouthClose",
    "mouthDimpleLeft",
    "mouthDimpleRight",
    "mouthFrownLeft",
    "mouthFrownRight",
    "mouthFunnel",
    "mouthLeft",
    "mouthLowerDownLeft",
    "mouthLowerDownRight",
    "mouthPressLeft",
    "mouthPressRight",
    "mouthPucker",
    "mouthRight",
    "mouthRollLower",
    "mouthRollUpper",
    "mouthShrugLower",
    "mouthShrugUpper",
    "mouthSmileLeft",
    "mouthSmileRight",
    "mouthStretchLeft",
    "mouthStretchRight",
    "mouthUpperUpLeft",
    "mouthUpperUpRight",
    "noseSneerLeft",
    "noseSneerRight",
)


def _within(ring: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Tell of each triangle whether it only spans a ring's opening."""
    return np.asarray(np.isin(_triangles, ring).all(1), np.bool_)


_openings = _within(RIGHT_EYE) | _within(LEFT_EYE) | _within(INNER_LIPS)
SKIN: NDArray[np.int32] = _triangles[~_openings]
"""Triangles of skin, (852, 3)."""
OPENINGS: NDArray[np.int32] = _triangles[_openings]
"""Triangles that close eyes and mouth, (46, 3)."""
