"""The values that go through the house: frozen, checked where they are made."""
