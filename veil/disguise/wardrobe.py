"""The doubles that ship and those that volunteers lent, and casting: who wears whose face."""

import io
import json
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from veil.disguise import lent
from veil.errors import VeilError
from veil.models.topology import LEFT_BROW, LEFT_EYE, OUTER_LIPS, OVAL, RIGHT_BROW, RIGHT_EYE, STILL
from veil.nouns.cast import Looks
from veil.nouns.double import Double, Glasses
from veil.nouns.geometry import similarity
from veil.nouns.light import FLOOR, Light
from veil.nouns.picture import Points

_SURELY_A_MAN = 0.97  # of the guess of sex: it takes women for men too often to give them a beard
_FOLDER = Path(__file__).parent / "doubles"


@lru_cache(maxsize=1)
def names() -> tuple[str, ...]:
    """Return the names of the doubles that ship, sorted: those that Veil may cast by itself."""
    return tuple(sorted(p.parent.name for p in _FOLDER.glob("*/double.json")))


def lent_names() -> tuple[str, ...]:
    """Return the names of lent doubles whose consent is in force, sorted; a plan must name them, nobody is cast."""
    return tuple(name for name in lent.names() if name not in names() and _open(name))


def _open(name: str) -> bool:
    """Tell whether a lent double may be worn today; one whose record is damaged may not."""
    try:
        lent.check_open(name, lent.today())
    except VeilError:
        return False
    return True


def mark(name: str | None) -> str:
    """Return what tells a lent double's face from another of its name; nothing for those that ship."""
    return "" if name is None or name in names() else lent.mark(name)


def double(name: str) -> Double:
    """Return a double; raise VeilError when there is none of that name, nobody may wear it, or it is damaged."""
    lent_too = name in lent.names()
    if name in names():
        if lent_too:
            raise VeilError(f"two doubles are called {name!r}", "rename the folder of the lent one in your wardrobe")
        return _read(name, _FOLDER / name, "install Veil again")
    if not lent_too:
        raise VeilError(f"there is no double called {name!r}", "see `veil doubles`")
    lent.check_open(name, lent.today())
    return _read(name, lent.wardrobe_folder() / name, "withdraw it, and make it again under another name")


@lru_cache(maxsize=64)
def _read(name: str, folder: Path, remedy: str) -> Double:
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
            whiskers=bool(about.get("whiskers", False)),
            **_beyond(about),
        )
    except (OSError, KeyError, TypeError, ValueError, cv2.error) as error:
        raise VeilError(f"the double {name!r} is damaged", remedy) from error


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


def packed(double: Double) -> dict[str, bytes]:
    """Return a double as the files in which the wardrobe keeps it, by name."""
    about: dict[str, Any] = {
        "whiskers": double.whiskers,
        "name": double.name, "sex": double.sex, "age": double.age, "tone": double.tone, "origin": double.origin,
        "beard": double.beard, "hair_rgb": double.hair_rgb,
    }  # fmt: skip
    if double.glasses is not None:
        about["glasses"] = asdict(double.glasses)
    mesh = io.BytesIO()
    np.save(mesh, double.mesh.astype(np.float32))
    files = {
        "double.json": json.dumps(about, indent=1).encode(),
        "mesh.npy": mesh.getvalue(),
        "atlas.webp": _stored(double.atlas[:, :, ::-1], 95),
        "eye.webp": _stored(double.eye[:, :, ::-1], 95),
        "mouth.webp": _stored(cv2.cvtColor(double.mouth, cv2.COLOR_RGBA2BGRA), 95),
    }
    if double.folds is not None:
        side = double.folds.shape[1]
        rows = double.folds.reshape(2, 3, side, side).transpose(0, 2, 1, 3).reshape(2 * side, 3 * side)
        files["folds.webp"] = _stored(rows, 95)
    return files


def _stored(pixels: "np.ndarray[Any, Any]", quality: int) -> bytes:
    done, coded = cv2.imencode(".webp", np.ascontiguousarray(pixels), [cv2.IMWRITE_WEBP_QUALITY, quality])
    if not done:
        raise ValueError("a picture of a double cannot be coded")
    return coded.tobytes()


def unsuited(neutral: Points, light: Light, looks: Looks | None, double: Double) -> float:
    """Return how badly a double suits, about 0 to 0.3.

    Another sex, build or skin tone counts against it, age (few are old), and features that are too near.
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
    old = 0.05 * max(0, double.age - 42) / 10  # years on a young body look stranger than youth on an old one
    guess = 0.5 if looks is None else looks.sex
    bearded = double.whiskers * (0.04 if guess >= _SURELY_A_MAN else 0.2)
    return outline + stranger + tone + old + bearded - 0.5 * min(features, 0.06)
