"""Volunteers who are nobody: photos and clips of shipped doubles on drawn heads, and the consents they sign."""

from datetime import timedelta
from pathlib import Path

import cv2

from tests.days import TODAY
from tests.faces import Actor, Pose, Scene, film
from veil.nouns.picture import Pixels

SIZE = (620, 760)
Moves = tuple[tuple[str, float], ...]
SMILE: Moves = (("mouthSmileLeft", 0.9), ("mouthSmileRight", 0.9))


def photo_of(double: str = "farah", yaw_deg: float = 0.0, ears_px: float = 300.0, moves: Moves = ()) -> Pixels:
    """Return a photo (760, 620, 3) of a calm face."""
    pose = Pose(310, 340, ears_px, yaw_deg, moves=moves)
    return Scene((Actor(double, lambda _: pose),), 1, SIZE).paint(0)


def saved(path: Path, pixels: Pixels) -> Path:
    """Write a photo and return where."""
    if not cv2.imwrite(str(path), pixels[:, :, ::-1]):
        raise OSError("the photo was not written")
    return path


def clip_of(path: Path, double: str = "farah", frames: int = 16) -> Path:
    """Write a clip in which a face is calm, turns to both sides, and raises its brows and smiles."""

    def pose(i: int) -> Pose:
        up = 0.9 if i >= frames - 4 else 0.0
        yaw = 40.0 if i in (4, 5) else -40.0 if i in (6, 7) else 0.0
        brows = (("browInnerUp", up), ("browOuterUpLeft", up), ("browOuterUpRight", up))
        return Pose(210, 235, 200, yaw, moves=brows)

    return film(path, Scene((Actor(double, pose),), frames, (420, 520)))


def consent(
    path: Path, lender: str = "M", films: str = '["Rain"]', days: int = 30, agreed: bool = True, more: str = ""
) -> Path:
    """Write a consent that holds for so many days from now, and return where."""
    until = TODAY + timedelta(days=days)
    path.write_text(
        f'lender = "{lender}"\nfilms = {films}\nuntil = {until}\npurpose = "a double"\nagreed = {str(agreed).lower()}\n'
        f"{more}",
        "utf-8",
    )
    return path
