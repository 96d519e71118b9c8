"""Custody of identities: a legal name opens only when two of three custodians agree."""
