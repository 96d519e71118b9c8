"""Sound for hearing: on the film's clock, in one channel at 16 kHz, whatever the film brings."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from tests.films import Recipe, make
from tests.talkies import Track, talkie, tone
from veil.media import probe
from veil.media.hearing import PIECE_S, film_offset_s, pieces, sound_streams, subtitles_inside
from veil.nouns.speech import HEARING_HZ
from veil.nouns.time import Span


def beep(at_s: float, length_s: float, rate_hz: int = HEARING_HZ) -> np.ndarray:
    """Return silence with a short tone at `at_s`."""
    sound = np.zeros(round(length_s * rate_hz), np.float32)
    short = tone(400, 0.1, rate_hz)
    sound[round(at_s * rate_hz) :][: len(short)] = short
    return sound


def heard(path: Path) -> list[np.ndarray]:
    film = probe(path)
    return list(pieces(film, sound_streams(film)[0].index, film_offset_s(film)))


def onset_s(sound: np.ndarray) -> float:
    return float(np.flatnonzero(np.abs(sound) > 0.05)[0] / HEARING_HZ)


@pytest.mark.parametrize(("rate_hz", "channels"), [(8000, 1), (44_100, 2), (48_000, 6), (192_000, 1), (16_000, 1)])
def test_any_rate_and_any_channels_are_heard(rate_hz: int, channels: int, tmp_path: Path) -> None:
    """From a telephone's 8 kHz to 192 kHz, mono to 5.1: a sound is where it was, and loud enough."""
    sound = np.tile(beep(0.5, 1, rate_hz), (channels, 1))
    (piece,) = heard(talkie(tmp_path / "film.mov", Track(sound, rate_hz)))
    assert piece.dtype == np.float32
    assert abs(len(piece) - HEARING_HZ) < 200
    assert abs(onset_s(piece) - 0.5) < 0.01
    assert np.abs(piece).max() > 0.15


def test_one_voice_of_six_channels_is_not_lost(tmp_path: Path) -> None:
    """A voice in the middle channel alone is as loud as if it were in all of them."""
    sound = np.zeros((6, 48_000), np.float32)
    sound[2] = beep(0.5, 1, 48_000)
    (piece,) = heard(talkie(tmp_path / "film.mov", Track(sound, 48_000)))
    assert np.abs(piece).max() > 0.2


def test_a_word_in_a_channel_that_is_quiet_else_is_heard(tmp_path: Path) -> None:
    """Two people with a microphone each: who says one word in half a minute is heard beside who never stops."""
    sound = np.stack([0.3 * tone(200, 20), np.pad(0.3 * tone(3000, 0.1), (16_000 * 10, 16_000 * 10 - 1600))])
    (piece,) = heard(talkie(tmp_path / "film.mov", Track(sound[:, : 16_000 * 20])))
    power = [np.abs(np.fft.rfft(piece[at : at + 1600]))[295:305].max() for at in (160_000, 80_000)]
    assert power[0] > 10 * power[1]


def test_channels_that_cancel_are_heard(tmp_path: Path) -> None:
    """Nobody hides from Veil in two channels that are each other's opposite."""
    sound = beep(0.5, 1)
    (piece,) = heard(talkie(tmp_path / "film.mov", Track(np.stack([sound, -sound]))))
    assert np.abs(piece).max() > 0.2


def test_sound_is_on_the_film_s_clock(tmp_path: Path) -> None:
    """Sound counts from the first frame of the film; what comes before is left out."""
    film = talkie(tmp_path / "film.mov", Track(beep(0.9, 2)[None]), length_s=1, first_s=Fraction(2, 5))
    (piece,) = heard(film)
    assert abs(onset_s(piece) - 0.5) < 0.02
    late = talkie(tmp_path / "late.mov", Track(beep(0.1, 1)[None], starts_s=Fraction(1, 2)), length_s=1)
    (piece,) = heard(late)
    assert abs(onset_s(piece) - 0.6) < 0.02


def test_long_films_come_in_pieces(tmp_path: Path) -> None:
    """No piece is longer than half a minute, and together they are the whole."""
    parts = heard(talkie(tmp_path / "film.mov", Track(np.zeros((1, 65 * 8000), np.float32), 8000), length_s=1))
    assert [len(p) / HEARING_HZ for p in parts[:-1]] == [PIECE_S, PIECE_S]
    assert abs(sum(len(p) for p in parts) / HEARING_HZ - 65) < 0.05


def test_subtitles_inside_a_film_are_read(tmp_path: Path) -> None:
    """Subtitles that are in the film come with their times on its clock, lines and tags as they are."""
    text = tmp_path / "film.srt"
    text.write_text("1\n00:00:01,000 --> 00:00:02,500\n<i>We left</i>\nthe house\n", "utf-8")
    plain, whole = talkie(tmp_path / "plain.mkv", Track(beep(0.5, 3)[None])), tmp_path / "film.mkv"
    with av.open(str(plain)) as film, av.open(str(text)) as told, av.open(str(whole), "w") as out:
        picture = out.add_stream_from_template(film.streams.video[0])
        words = out.add_stream_from_template(told.streams.subtitles[0])
        for source, stream in ((film, picture), (told, words)):
            for packet in source.demux(source.streams[0]):
                if packet.dts is not None:
                    packet.stream = stream
                    out.mux(packet)
    (found,) = subtitles_inside(probe(whole), Fraction(1, 2))
    assert found.shown == ((Span(Fraction(1, 2), Fraction(2)), "{\\i1}We left{\\i0}\nthe house"),)


def test_a_film_without_sound_has_no_tracks(tmp_path: Path) -> None:
    """A film without sound or subtitles says so."""
    film = probe(make(tmp_path / "film.mp4", Recipe(frames=3)))
    assert not sound_streams(film)
    assert not subtitles_inside(film, Fraction(0))
