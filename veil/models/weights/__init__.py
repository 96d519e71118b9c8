"""Which weights ship, what each may be used for, and the check that they are what they were."""

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from veil.errors import VeilError

Role = Literal["sight", "hearing", "disguise", "adversary"]
_FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Weight:
    """One file of weights; `roles` are the rooms that may load it, and its card is ``models/cards/<name>.md``."""

    file: str
    sha256: str
    roles: tuple[Role, ...]


WEIGHTS = {
    "face_detector_full": Weight(
        "face_detector_full.tflite",
        "2c3728e6da56f21e21a320433396fb06d40d9088f2247c05e5635a688d45dfe1",
        ("sight",),
    ),
    "face_detector_short": Weight(
        "face_detector_short.tflite",
        "b4578f35940bf5a1a655214a1cce5cab13eba73c1297cd78e1a04c2380b0152f",
        ("sight",),
    ),
    "face_landmarks": Weight(
        "face_landmarks.tflite",
        "c7d54204ce0448474c7f3fa9af494787c0965cbdd6f20fc72867e43046bd43d5",
        ("sight",),
    ),
    "face_blendshapes": Weight(
        "face_blendshapes.tflite",
        "4f36dded049db18d76048567439b2a7f58f1daabc00d78bfe8f3ad396a2d2082",
        ("sight",),
    ),
    "mobileface": Weight(
        "mobileface.onnx",
        "146efcb463b503864c89bcb4bc5e08ae70e6015ce9e3ce4522204995ef9ec78f",
        ("sight",),
    ),
    "looks": Weight(
        "looks.onnx",
        "31fb8fcd06a476500d8b327f69b6b5b7bc1e5f1c76e87425084686b9a8705713",
        ("sight",),
    ),
    "palms": Weight(
        "palms.tflite",
        "1b14e9422c6ad006cde6581a46c8b90dd573c07ab7f3934b5589e7cea3f89a54",
        ("sight",),
    ),
    "hand_landmarks": Weight(
        "hand_landmarks.tflite",
        "11c272b891e1a99ab034208e23937a8008388cf11ed2a9d776ed3d01d0ba00e3",
        ("sight",),
    ),
    "palms_other": Weight(
        "palms_other.tflite",
        "e9a4aaddf90dda56a87235303cf00e4c2d3fb28725f68fd88772997dac905c18",
        ("adversary",),
    ),
    "expressions": Weight(
        "expressions.npz",
        "860455ed182866de5fa6278932bad17594073201c00072205159ba1cc531f405",
        ("sight", "disguise"),
    ),
    "writing": Weight(
        "writing.onnx",
        "d2a7720d45a54257208b1e13e36a8479894cb74155a5efe29462512d42f49da9",
        ("sight",),
    ),
    "writing_other": Weight(
        "writing_other.onnx",
        "3439588c030faea393a54515f51e983d8e155b19a2e8aba7891934c1cf0de526",
        ("adversary",),
    ),
    "person_mask": Weight(
        "person_mask.tflite",
        "9ee168ec7c8f2a16c56fe8e1cfbc514974cbbb7e434051b455635f1bd1462f5c",
        ("sight", "disguise"),
    ),
    "body": Weight(
        "body.tflite",
        "e9a5c5cb17f736fafd4c2ec1da3b3d331d6edbe8a0d32395855aeb2cdfd64b9f",
        ("sight",),
    ),
    "movenet": Weight(
        "movenet.onnx",
        "2e913647a8a92cf0ad3d6104f29af5e5ac899f1f293f573824a84dc8408bbdc4",
        ("adversary",),
    ),
    "mtcnn_first": Weight(
        "mtcnn_first.onnx",
        "b0006b34885955ae7926fd8b83ecde827e56bec63b0d6601631506066656a4c9",
        ("adversary",),
    ),
    "mtcnn_second": Weight(
        "mtcnn_second.onnx",
        "3309a60999bdf89a978dd34db89b285f5f17b85e31cf9f811a20fa451e70c995",
        ("adversary",),
    ),
    "mtcnn_last": Weight(
        "mtcnn_last.onnx",
        "7615bab8099402f2fbd25d031438eb5a86e2d84ad64ac6695efe31b6a1bbdd82",
        ("adversary",),
    ),
    "centerface": Weight(
        "centerface.onnx",
        "02330381369eded65d6637804f11e8be2af05178579938f8550be680b95d5d7a",
        ("adversary",),
    ),
    "dlib_resnet": Weight(
        "dlib_resnet.onnx",
        "8baa3d3c27e3897769d359ff929eddc951064069e380ba489a83c8a00f6a941f",
        ("adversary",),
    ),
    "faceres": Weight(
        "faceres.onnx",
        "afffc25f64017e62d3e13f2df511bdeede581385c6787cf428442ee573d11483",
        ("adversary",),
    ),
    "silero_vad": Weight(
        "silero_vad.onnx",
        "9ccdacc4719d8aa7e45a77536bfabec45a03ba1f2fad5e241ab4060b24238a85",
        ("hearing",),
    ),
    "kokoro_voices": Weight(
        "kokoro_voices.npz",
        "570a84fa3414414852bdbf237eb5d3e7d6c83f1248bbe31811483d1cde0d7395",
        ("disguise",),
    ),
    "mobilefacenet": Weight(
        "mobilefacenet.onnx",
        "16da0690606dba098afba16f36d5217b9463ee605c047d2fa2d821163c5b1af8",
        ("adversary",),
    ),
    "resemblyzer": Weight(
        "resemblyzer.onnx",
        "e27b1a6e614a26415f8ab04efd61260d1bbf88f692574e8d0c465c03d9bbc549",
        ("adversary",),
    ),
    "voicefilter": Weight(
        "voicefilter.onnx",
        "c4d17ba220a33d7f27866c78f573372f4ae2dd57b405cdacdaf4483ecc374812",
        ("adversary",),
    ),
    "voiceprint": Weight(
        "voiceprint.npz",
        "9c5fc0d67e530bc28f4351ed12439ed267c5919ffadafbae6937348cfe053a0d",
        ("hearing",),
    ),
}


@lru_cache(maxsize=32)
def weight_path(name: str, role: Role) -> Path:
    """Return the path of a weight, checked.

    Raises ValueError when `role` may not use it (the adversary never sees what the defence used, and the other
    way round), and VeilError when the file is missing or is not the one that was pinned.
    """
    weight = WEIGHTS[name]
    if role not in weight.roles:
        raise ValueError(f"{name} is for {', '.join(weight.roles)}, not for {role}")
    path = _FOLDER / weight.file
    if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != weight.sha256:
        raise VeilError(f"the weights {weight.file} are missing or damaged", "install Veil again")
    return path
