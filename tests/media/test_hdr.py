"""HDR becomes SDR as the standards say: greys stay grey, faces keep their colour, nothing clips hard."""

from fractions import Fraction
from typing import get_args

import numpy as np
import pytest
from av.video.frame import VideoFrame
from hypothesis import given
from hypothesis import strategies as st

from veil.media import hdr
from veil.media.source import Coding, Transfer, plane_rows
from veil.nouns.picture import Colour

units = st.floats(0, 1)


@pytest.mark.parametrize(
    ("nits", "code"), [(0, 0.0), (0.1, 0.0623), (100, 0.5081), (203, 0.5807), (1000, 0.7518), (10_000, 1.0)]
)
def test_pq_is_the_standard_curve(nits: float, code: float) -> None:
    """PQ gives the values that ITU-R BT.2100 and BT.2408 print, both ways."""
    assert hdr.nits_to_pq(np.array([nits]))[0] == pytest.approx(code, abs=2e-4)
    assert hdr.pq_to_nits(hdr.nits_to_pq(np.array([nits])))[0] == pytest.approx(nits, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize(("code", "nits"), [(0, 0.0), (0.38, 26.2), (0.75, 203.0), (1.0, 1000.0)])
def test_hlg_is_the_standard_curve(code: float, nits: float) -> None:
    """HLG gives the levels that ITU-R BT.2408 prints for a display of 1000 cd/m2."""
    assert hdr.hlg_to_nits(np.full((1, 3), code))[0, 0] == pytest.approx(nits, abs=0.6)


def test_the_tone_curve_rises_from_black_to_white() -> None:
    """Below 87 cd/m2 light stays as it is; above, it bends without a step, and 1000 cd/m2 is SDR white."""
    nits = np.linspace(0, 1200, 2401)
    sdr = hdr.tone_curve(nits)
    assert np.allclose(sdr[nits <= 87], nits[nits <= 87], atol=1e-6)
    assert (np.diff(sdr) >= -1e-9).all()
    assert np.diff(sdr).max() < 0.51
    assert sdr[nits >= 1000] == pytest.approx(hdr.WHITE_NITS)
    assert 0.88 < float(hdr.tone_curve(np.array([203.0]))[0] / hdr.WHITE_NITS) ** (1 / 2.4) < 0.92


@given(units, st.sampled_from(get_args(Transfer)[1:]))
def test_greys_stay_grey(level: float, transfer: Transfer) -> None:
    """No grey gets a tint."""
    assert np.ptp(hdr.to_sdr(np.full((1, 3), level), transfer)) < 2e-3


@given(st.tuples(*[st.floats(0.05, 0.68)] * 3))
def test_sdr_colours_in_hdr_come_back(colour: tuple[float, float, float]) -> None:
    """A colour of an SDR film that was put into PQ with white at 203 cd/m2 comes back as it was: faces too."""
    light = np.power(np.array([colour]), 2.4) * hdr.WHITE_NITS
    wide = light @ np.linalg.inv(np.array(hdr.BT2020_TO_BT709)).T
    back = hdr.to_sdr(hdr.nits_to_pq(np.maximum(wide, 0)), "pq")
    assert np.abs(back - np.array([colour])).max() < 0.012


@given(st.tuples(units, units, units), st.sampled_from(get_args(Transfer)[1:]))
def test_every_code_gives_a_colour(code: tuple[float, float, float], transfer: Transfer) -> None:
    """Whatever the code values, the result is finite and within 0 to 1."""
    result = hdr.to_sdr(np.array([code]), transfer)
    assert np.isfinite(result).all()
    assert (result >= 0).all()
    assert (result <= 1).all()


@pytest.mark.parametrize("transfer", get_args(Transfer)[1:])
def test_the_table_is_near_the_exact_colours(transfer: Transfer) -> None:
    """Looking colours up differs from computing them by less than half a step of 8 bits on average."""
    random = np.random.default_rng(3)
    codes = np.clip(random.random((64, 64, 1)) * 0.9 + random.normal(0, 0.03, (64, 64, 3)), 0, 1)
    frame = VideoFrame(64, 64, "gbrp16le")
    frame.pts, frame.time_base = 0, Fraction(1)
    for plane, channel in zip(frame.planes, (1, 2, 0), strict=True):
        rows = plane_rows(plane).view(np.uint16)
        rows[:, :64] = np.round(codes[..., channel] * 65535)
    coding = Coding(64, 64, "gbrp16le", rgb=True, colour=Colour("bt2020"), transfer=transfer)
    mapped = hdr.ToneMap(coding).mapped(frame)
    looked = np.stack([plane_rows(mapped.planes[i]).view(np.uint16)[:, :64] for i in (2, 0, 1)], -1) / 65535
    off = np.abs(looked - hdr.to_sdr(codes, transfer)) * 255
    assert off.mean() < 0.5
    assert np.percentile(off, 99) < 4
