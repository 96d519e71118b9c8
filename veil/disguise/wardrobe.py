"""The doubles that ship, and casting: who wears whose face."""

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from veil.errors import VeilError
from veil.models.topology import LEFT_BROW, LEFT_EYE, OUTER_LIPS, OVAL, RIGHT_BROW, RIGHT_EYE, STILL
from veil.nouns.cast import Looks
from veil.nouns.double import Double, Glasses
from veil.nouns.geometry import similarity
from veil.nouns.light import FLOOR, Light
from veil.nouns.picture import Points

_FOLDER = Path(__file__).parent / "doubles"


@lru_cache(maxsize=1)
def names() -> tuple[str, ...]:
    """Return the names of all doubles, sorted."""
    return tuple(sorted(p.parent.name for p in _FOLDER.glob("*/double.json")))


@lru_cache(maxsize=64)
def double(name: str) -> Double:
    """Return a double; raise VeilError when there is none of that name, or it is damaged."""
    if name not in names():
        raise VeilError(f"there is no double called {name!r}", "see `veil doubles`")
    folder = _FOLDER / name
    try:
        about = json.loads((folder / "double.json").read_text("utf-8"))
        return Double(
            name=name,
            sex=float(about["sex"]),
            age=int(about["age"]),
            tone=int(about["tone"]),
            origin=str(about["origin"]),
            mesh=np.load(folder / "mesh.npy").astype(np.float32),
            atlas=_picture(folder / "atlas.webp", cv2.COLOR_BGR2RGB),
            eye=_picture(folder / "eye.webp", cv2.COLOR_BGR2RGB),
            mouth=_picture(folder / "mouth.webp", cv2.COLOR_BGRA2RGBA),
            folds=_folds(folder / "folds.webp"),
            **_beyond(about),
        )
    except (OSError, KeyError, TypeError, ValueError, cv2.error) as error:
        raise VeilError(f"the double {name!r} is damaged", "install Veil again") from error


def _beyond(about: dict[str, Any]) -> dict[str, Any]:
    """Return what a double has beside its face, where its file tells of it: glasses, a beard, the hair's colour."""
    found: dict[str, Any] = {"beard": float(about.get("beard", 0.0))}
    if "hair_rgb" in about:
        found["hair_rgb"] = _rgb(about["hair_rgb"])
    if worn := about.get("glasses"):
        found["glasses"] = Glasses(worn["shape"], _rgb(worn["rgb"]), float(worn["thick"]))
    return found


def _rgb(told: Any) -> tuple[int, int, int]:
    red, green, blue = (int(v) for v in told)
    return red, green, blue


def _folds(path: Path) -> "np.ndarray[tuple[int, ...], np.dtype[np.uint8]] | None":
    """Return the maps of folds (6, side, side), kept as one grey picture of two rows; None where there are none."""
    if not path.is_file():
        return None
    stored = cv2.imdecode(np.frombuffer(path.read_bytes(), np.uint8), cv2.IMREAD_GRAYSCALE)
    if stored is None or stored.shape[0] * 3 != stored.shape[1] * 2:
        raise ValueError(f"not a picture of folds: {path.name}")
    side = stored.shape[0] // 2
    cut = stored.reshape(2, side, 3, side).transpose(0, 2, 1, 3).reshape(6, side, side)
    return np.ascontiguousarray(cut, np.uint8)


def _picture(path: Path, order: int) -> "np.ndarray[tuple[int, ...], np.dtype[np.uint8]]":
    stored = cv2.imdecode(np.frombuffer(path.read_bytes(), np.uint8), cv2.IMREAD_UNCHANGED)
    if stored is None:
        raise ValueError(f"not a picture: {path.name}")
    return cv2.cvtColor(stored, order).astype(np.uint8, copy=False)


def unsuited(neutral: Points, light: Light, looks: Looks | None, double: Double) -> float:
    """Return how badly a double suits, about 0 to 0.3.

    Another sex, build or skin tone counts against it, great age (few have it), and features that are too near.
    `neutral` (478, 3) is the witness's calm face, `light` that on their skin.
    """
    mesh = double.mesh
    onto = similarity(mesh[STILL], neutral[STILL]).of(mesh)
    tall = float(np.linalg.norm(neutral[10] - neutral[152]))
    off = np.linalg.norm((onto - neutral)[:468, :2], axis=1) / tall
    outline = float(off[OVAL].mean())
    features = float(off[np.concatenate([LEFT_BROW, RIGHT_BROW, LEFT_EYE, RIGHT_EYE, OUTER_LIPS])].mean())
    stranger = 0.0 if looks is None else 0.08 * abs(looks.sex - double.sex)
    skin = light[0] - np.log(np.median(double.atlas[::16, ::16].reshape(-1, 3), 0) + FLOOR)
    tone = 0.3 * max(0.0, float(np.abs(skin).max()) - 0.35)  # a skin lit far beyond its own tone looks like metal
    old = 0.04 * max(0, double.age - 58) / 10
    return outline + stranger + tone + old - 0.5 * min(features, 0.06)
