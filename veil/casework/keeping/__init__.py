"""Keeping and letting go: retention clocks, purging, sealed files, backups."""
