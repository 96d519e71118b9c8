"""Requests: a call or a message for help, from the first word to an answer."""
