"""Voices: what a hidden person is heard with. One contract, one file a voice."""

from veil.disguise.voices.choosing import ships, voice_for
from veil.disguise.voices.contract import HIDES, Bending, Hides, Voice, allowed, overrun_s
from veil.disguise.voices.kokoro import release
from veil.disguise.voices.pool import Blend, blend, blends

__all__ = [
    "HIDES", "Bending", "Blend", "Hides", "Voice", "allowed", "blend", "blends", "overrun_s", "release", "ships",
    "voice_for",
]  # fmt: skip
