"""Shifts, reliefs, musters and closed sections: who answers for what at a place, counted blind."""
