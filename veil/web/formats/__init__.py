"""How days and times are written: so that nobody takes the fifth of December for the twelfth of May."""
