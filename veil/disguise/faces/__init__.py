"""Disguises of faces: the double, the shadow, the blackout."""
