"""The evidence log: formats, chain and an independent verifier; knows no clock, database or web framework."""
