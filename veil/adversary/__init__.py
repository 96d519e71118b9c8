"""Tries to see who is there, in the finished film, with nets that the defence never used."""
