"""Sound of any layout: whatever a film brings, it comes at one rate, in step with the picture, silence for gaps."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from tests import sounds
from tests.films import Recipe, make, tone
from veil.media import SOUND_HZ, SoundWriter, join, pieces, probe, read
from veil.media.sound_source import SoundSource

IN_STEP_S = 0.01
CLICKS = (0.5, 1.5, 2.5)


def heard(path: Path, offset_s: Fraction = Fraction(0), end_s: Fraction = Fraction(3)) -> sounds.Samples:
    parts = list(pieces(path, offset_s, end_s, piece_s=1))
    return np.concatenate(parts, axis=1) if parts else np.zeros((0, 0), np.float32)


@pytest.mark.parametrize(
    ("rate_hz", "layout", "codec", "name"),
    [
        (8_000, "mono", "pcm_s16le", "a.wav"),
        (44_100, "stereo", "aac", "a.mp4"),
        (48_000, "5.1", "aac", "a.mkv"),
        (96_000, "stereo", "flac", "a.flac"),
        (192_000, "mono", "pcm_s16le", "a.wav"),
        (48_000, "7.1", "pcm_s16le", "a.mkv"),
    ],
)
def test_any_rate_and_layout_is_in_step(tmp_path: Path, rate_hz: int, layout: str, codec: str, name: str) -> None:
    """From 8 to 192 kHz, from one channel to eight: 48 kHz come out, and each click lies where it was."""
    rows = np.tile(sounds.clicks(CLICKS, 3, rate_hz), (av.AudioLayout(layout).nb_channels, 1))
    sound = heard(sounds.write(tmp_path / name, [rows], rate_hz, codec, layout))
    assert sound.shape == (1 if layout == "mono" else 2, 3 * SOUND_HZ)
    assert np.allclose(sounds.loud_at(sound), CLICKS, atol=IN_STEP_S)


@pytest.mark.parametrize("offset_s", [Fraction(2, 5), Fraction(-7, 10), Fraction(0)])
def test_sound_begins_before_or_after_the_picture(tmp_path: Path, offset_s: Fraction) -> None:
    """What is heard before the first frame is dropped; where the sound comes later there is silence before."""
    path = sounds.write(tmp_path / "a.wav", [sounds.clicks(CLICKS, 3)])
    sound = heard(path, offset_s)
    assert sound.shape == (1, 3 * SOUND_HZ)
    due = [at - float(offset_s) for at in CLICKS if 0 <= at - float(offset_s) < 3]
    assert np.allclose(sounds.loud_at(sound), due, atol=IN_STEP_S)


def test_damaged_packets_are_silence_in_step(tmp_path: Path) -> None:
    """Packets that cannot be decoded give silence, and what follows lies where it was."""
    path = sounds.write(tmp_path / "a.mkv", [np.maximum(sounds.clicks(CLICKS, 3), 0.01)], codec="flac")
    with av.open(str(path)) as container:
        stamps = [(p.pos, p.size, p.pts) for p in container.demux(audio=0) if p.size and p.pos and p.pts]
        base = float(container.streams.audio[0].time_base or 1)
    data = bytearray(path.read_bytes())
    for start, size, pts in stamps:
        at_s = pts * base
        if 1.1 < at_s < 1.2 or 1.7 < at_s < 1.8:
            data[start + 8 : start + size] = b"\x55" * (size - 8)  # what the container writes before stays
    path.write_bytes(bytes(data))
    sound = heard(path)
    assert np.allclose(sounds.loud_at(sound), CLICKS, atol=IN_STEP_S)
    assert 0.1 < (sound == 0).mean() * 3 < 0.4


def test_streams_that_cannot_be_decoded_are_passed_over(tmp_path: Path) -> None:
    """Of several streams the first is taken; a film without sound gives no piece at all."""
    two = sounds.write(tmp_path / "a.mkv", [sounds.clicks([1.0], 3), sounds.clicks([2.0], 3)])
    assert np.allclose(sounds.loud_at(heard(two)), [1.0], atol=IN_STEP_S)
    assert not list(pieces(make(tmp_path / "film.mp4", Recipe(frames=3)), Fraction(0), Fraction(3)))


def test_pieces_are_one_sound(tmp_path: Path) -> None:
    """However it is cut into pieces the sound is the same, and a part begun later is part of the whole."""
    path = sounds.write(tmp_path / "a.wav", [sounds.murmur(3, 44_100)], 44_100)
    whole = heard(path)
    assert np.array_equal(np.concatenate(list(pieces(path, Fraction(0), Fraction(3), piece_s=2)), axis=1), whole)
    late = np.concatenate(list(pieces(path, Fraction(0), Fraction(3), from_s=Fraction(3, 2))), axis=1)
    assert np.array_equal(late, whole[:, 3 * SOUND_HZ // 2 :])


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    """The sound that waits for the cut keeps every sample to 16 bits, and no half file has its name."""
    sound = np.stack([sounds.murmur(2.3), sounds.murmur(2.3, seed=1)])
    with SoundWriter(tmp_path / "track.flac", 2) as writer:
        for start in range(0, sound.shape[1], 10_000):
            writer.put(sound[:, start : start + 10_000])
        assert not (tmp_path / "track.flac").exists()
    back = heard(tmp_path / "track.flac", end_s=Fraction(23, 10))
    assert back.shape == sound.shape
    assert np.abs(back - sound).max() < 2 / 32767


def test_a_writer_that_is_left_by_an_error_leaves_nothing(tmp_path: Path) -> None:
    """When the work fails nothing is left of the file."""

    def fail() -> None:
        with SoundWriter(tmp_path / "track.flac", 1) as writer:
            writer.put(np.zeros((1, 9000), np.float32))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".mov"])
def test_another_sound_under_a_film_is_in_step(tmp_path: Path, suffix: str) -> None:
    """A new sound that is laid under a film is heard in step with its picture, and nothing of the film's own is."""
    film = probe(make(tmp_path / "film.mp4", Recipe(frames=75, sound=True, first_s=Fraction(1, 5))))
    with SoundWriter(tmp_path / "track.flac", 2) as writer:
        writer.put(np.tile(sounds.clicks((1.0, 2.0), 3), (2, 1)))
    with read(film) as reader:
        part, out = make(tmp_path / "part.mp4", Recipe(frames=75)), tmp_path / f"out{suffix}"
        join([(part, Fraction(0))], reader, out, sound=tmp_path / "track.flac")
    with read(probe(out)) as result:
        sound = heard(out, result.offset_s)
    assert np.allclose(sounds.loud_at(sound), (1.0, 2.0), atol=IN_STEP_S)
    assert float(np.abs(sound[:, : SOUND_HZ // 2]).max()) < 0.02  # the film's own tone and click are gone


def test_a_source_gives_the_rate_that_is_asked_for(tmp_path: Path) -> None:
    """The rate of what is given out is the one that is asked for, whatever the file's is."""
    source = SoundSource(tone(tmp_path / "a.m4a"), Fraction(0), 16_000)
    assert source.rate_hz == 16_000
    assert source.read(100).shape == (1, 100)
    source.close()
