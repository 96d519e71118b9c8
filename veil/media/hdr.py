"""Brings HDR (PQ, HLG) and wide-gamut BT.2020 film to SDR BT.709, through one table of colours.

Sources: ITU-R BT.2100-2 (PQ and HLG), BT.2390-11 section 5.4.1 (the tone curve, "EETF"), BT.2408-7 (reference white
at 203 cd/m2), BT.2087-0 (BT.2020 to BT.709), BT.1886 (SDR displays, gamma 2.4). Up to 87 cd/m2 light stays as it is,
203 cd/m2 becomes 90 % SDR signal, 1000 cd/m2 becomes SDR white.
"""

import os
import tempfile
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

import numpy as np
from av.filter.graph import Graph
from av.video.format import VideoFormat
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Interpolation, VideoReformatter
from numpy.typing import NDArray

from veil.media.source import SPACES, Coding, Transfer

Light = NDArray[np.float64]

WHITE_NITS = 203.0  # HDR reference white, and what SDR full white stands for
PEAK_NITS = 1000.0  # the mastering peak that is assumed; brighter light becomes white
GRID = 65
_FORM = "gbrp16le"
BT2020_TO_BT709 = np.array(  # ITU-R BT.2087-0, for linear light
    [[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]]
)
_BT2020_LUMA = np.array([0.2627, 0.6780, 0.0593])
_BT709_LUMA = np.array([0.2126, 0.7152, 0.0722])
_M1, _M2 = 2610 / 16384, 2523 / 4096 * 128
_C1, _C2, _C3 = 3424 / 4096, 2413 / 4096 * 32, 2392 / 4096 * 32


def pq_to_nits(code: Light) -> Light:
    """Return light in cd/m2 for PQ code values 0 to 1 (BT.2100 table 4)."""
    root = np.power(np.clip(code, 0, 1), 1 / _M2)
    return 10_000 * np.power(np.maximum(root - _C1, 0) / (_C2 - _C3 * root), 1 / _M1)


def nits_to_pq(nits: Light) -> Light:
    """Return PQ code values for light in cd/m2, the inverse of `pq_to_nits`."""
    part = np.power(np.clip(nits, 0, 10_000) / 10_000, _M1)
    return np.power((_C1 + _C2 * part) / (1 + _C3 * part), _M2)


def hlg_to_nits(code: Light) -> Light:
    """Return display light in cd/m2 for HLG code values (..., 3) on a 1000 cd/m2 display (BT.2100 table 5)."""
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    code = np.clip(code, 0, 1)
    scene = np.where(code <= 0.5, code * code / 3, (np.exp((code - c) / a) + b) / 12)
    luminance = scene @ _BT2020_LUMA
    nits: Light = PEAK_NITS * np.power(np.maximum(luminance, 1e-9), 0.2)[..., None] * scene
    return nits


def tone_curve(nits: Light) -> Light:
    """Return the SDR light, 0 to `WHITE_NITS`, for HDR light up to `PEAK_NITS` (BT.2390 EETF, black at 0)."""
    source, target = nits_to_pq(np.array([PEAK_NITS, WHITE_NITS]))
    code = np.minimum(nits_to_pq(nits) / source, 1)
    top = target / source
    knee = 1.5 * top - 0.5
    t = np.maximum(code - knee, 0) / (1 - knee)
    bent = (2 * t**3 - 3 * t**2 + 1) * knee + (t**3 - 2 * t**2 + t) * (1 - knee) + (3 * t**2 - 2 * t**3) * top
    return pq_to_nits(np.where(code < knee, code, bent) * source)


def to_sdr(code: Light, transfer: Transfer) -> Light:
    """Return BT.709 code values (..., 3), 0 to 1, for BT.2020 code values in that transfer; hue is kept."""
    if transfer == "wide":
        light = np.power(np.clip(code, 0, 1), 2.4)
    else:
        nits = pq_to_nits(code) if transfer == "pq" else hlg_to_nits(code)
        strength = np.maximum((nits @ _BT2020_LUMA + nits.max(-1)) / 2, 1e-6)
        light = nits * (tone_curve(strength) / strength / WHITE_NITS)[..., None]
    code_709: Light = np.power(_into_gamut(light @ BT2020_TO_BT709.T), 1 / 2.4)
    return code_709


def _into_gamut(light: Light) -> Light:
    """Pale colours that BT.709 cannot show towards the grey of the same luminance, just as far as needed."""
    grey = np.clip(light @ _BT709_LUMA, 0, 1)[..., None]
    away = light - grey
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        room = np.where(away > 0, (1 - grey) / away, np.where(away < 0, grey / -away, np.inf))
    inside: Light = np.clip(grey + away * np.minimum(room.min(-1, keepdims=True), 1), 0, 1)
    return inside


@lru_cache(maxsize=3)
def _cube(transfer: Transfer) -> str:
    """Return the table as the text of a .cube file, red fastest."""
    steps = np.linspace(0, 1, GRID)
    blue, green, red = np.meshgrid(steps, steps, steps, indexing="ij")
    table = to_sdr(np.stack([red, green, blue], -1), transfer).reshape(-1, 3)
    return f"LUT_3D_SIZE {GRID}\n" + "\n".join(f"{r:.6f} {g:.6f} {b:.6f}" for r, g, b in table.tolist()) + "\n"


class ToneMap:
    """Turns frames of one size and coding into BT.709 R'G'B' frames (planar, 16 bits)."""

    def __init__(self, coding: Coding) -> None:
        self._coding = coding
        self._scaler = VideoReformatter()
        self._graph = Graph()
        source = self._graph.add_buffer(
            width=coding.width, height=coding.height, format=VideoFormat(_FORM), time_base=Fraction(1)
        )
        handle, name = tempfile.mkstemp(suffix=".cube")
        try:
            with os.fdopen(handle, "w") as file:
                file.write(_cube(coding.transfer))
            table = self._graph.add("lut3d", file=name, interp="tetrahedral")
        finally:
            Path(name).unlink()
        self._graph.link_nodes(source, table, self._graph.add("buffersink")).configure()

    def mapped(self, frame: VideoFrame) -> VideoFrame:
        """Return the frame in BT.709 R'G'B', full range."""
        matrix = self._coding.colour.matrix
        full_range = self._coding.colour.full_range or self._coding.rgb
        rgb = self._scaler.reformat(
            frame,
            format=_FORM,
            src_colorspace=SPACES[matrix],
            dst_colorspace=SPACES[matrix],
            interpolation=Interpolation.BILINEAR,
            src_color_range=ColorRange.JPEG if full_range else ColorRange.MPEG,
            dst_color_range=ColorRange.JPEG,
        )
        self._graph.vpush(rgb)
        return self._graph.vpull()
