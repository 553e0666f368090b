"""The log: keys, publishing, witnesses, times, receipts, and holding the tables against it."""
