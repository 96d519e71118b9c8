"""Seals what is kept: key slots, sealed records, wrapped keys, files in the age format, signals under force.

Every compartment has a random key of its own. Whoever holds the key may read; destroying it is the deletion.
"""
