"""Knows which decoded frames cannot be trusted: damaged ones, and those that lean on them.

What a decoder shows in place of lost data may come from any older frame, and differs from one run to the next (seen:
the same damaged file read twice). A face there could escape both the tracks and the paint, so such frames are hidden.
"""

import numpy as np
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from veil.nouns.picture import Colour, Picture

_REMEMBERED = 1024
_GREY = 60


class Trust:
    """Follows packets and frames; after trouble, nothing is trusted until a whole key frame that was sent later."""

    def __init__(self, stream: VideoStream) -> None:
        self._leaning = not stream.codec_context.codec.intra_only  # do frames lean on one another?
        self._sent = 0
        self._order: dict[int, int] = {}
        self._trouble: int | None = None

    def send(self, packet: "Packet[VideoStream]") -> None:
        """Take note of a packet before it is decoded."""
        self._sent += 1
        if packet.pts is not None:
            self._order[packet.pts] = self._sent
            if len(self._order) > _REMEMBERED:
                self._order = dict(list(self._order.items())[-_REMEMBERED // 2 :])
        if packet.is_corrupt:
            self.lose()

    def lose(self) -> None:
        """Take note that a packet was lost or gave an error."""
        if self._leaning:
            self._trouble = self._sent

    def holds(self, frame: VideoFrame) -> bool:
        """Tell whether the next decoded frame shows what was filmed."""
        sent = self._order.get(frame.pts) if frame.pts is not None else None
        if frame.is_corrupt:
            if self._leaning:
                self._trouble = max(self._trouble or 0, sent or self._sent)
            return False
        if self._trouble is not None and frame.key_frame and sent is not None and sent > self._trouble:
            self._trouble = None
        return self._trouble is None


def hidden(width: int, height: int, colour: Colour) -> Picture:
    """Return the flat dark grey picture that stands for one that cannot be trusted."""
    half = ((height + 1) // 2, (width + 1) // 2)
    planes = [np.full(shape, code, np.uint8) for shape, code in (((height, width), _GREY), (half, 128), (half, 128))]
    return Picture(planes[0], planes[1], planes[2], colour)
