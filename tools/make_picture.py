"""Makes the README's picture: frames of the sample film above, of its disguised result below.

make film && python tools/make_picture.py out/witness.veiled.mp4 docs/before-after.jpg
"""

import sys
from pathlib import Path

import av
import cv2
import numpy as np

SHOWN = (10, 45, 80)
SAMPLE = Path(__file__).parent.parent / "samples" / "witness.mp4"


def frames(film: Path) -> list[np.ndarray]:
    """Return the shown frames, BGR."""
    with av.open(str(film)) as container:
        found = {i: f.to_ndarray(format="bgr24") for i, f in enumerate(container.decode(video=0)) if i in SHOWN}
    return [found[i] for i in SHOWN]


def main(result: Path, target: Path) -> None:
    """Write the picture, 1200 pixels wide."""
    picture = np.vstack([np.hstack(frames(SAMPLE)), np.hstack(frames(result))])
    height = round(picture.shape[0] * 1200 / picture.shape[1])
    small = cv2.resize(picture, (1200, height), interpolation=cv2.INTER_AREA)
    cv2.imwrite(str(target), small, [cv2.IMWRITE_JPEG_QUALITY, 88])


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
