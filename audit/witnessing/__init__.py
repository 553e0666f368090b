"""The witness as a program, run by another body than the log: the only part of `audit` with clock and disk."""
