"""Cases and people: who is helped, under a code and an alias, with what consents and at what risk."""
