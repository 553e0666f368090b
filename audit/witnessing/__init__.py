"""The witness as a program, run by another body than the log: all of `audit` that has a clock and a disk."""
