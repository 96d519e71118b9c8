"""Disguises of what is seen beside people: one file each."""
