"""Finds the cuts of a film while it is read, with PySceneDetect's content detector."""

from fractions import Fraction

from scenedetect import ContentDetector, FrameTimecode

from veil.nouns.picture import Frame

_SIZE = (160, 90)
_THRESHOLD = 27.0  # PySceneDetect's default: mean change of hue, saturation and luma, code values


class Cuts:
    """Tells of each frame, in order, whether a new shot begins with it."""

    def __init__(self, rate_hz: Fraction) -> None:
        self._rate_hz = float(rate_hz)
        self._detector = ContentDetector(threshold=_THRESHOLD, min_scene_len=5)

    def begins(self, frame: Frame) -> bool:
        """Return whether `frame` begins a shot."""
        small = frame.picture.scaled(frame.picture.box, *_SIZE)[:, :, ::-1]
        return bool(self._detector.process_frame(FrameTimecode(frame.index, self._rate_hz), small))
