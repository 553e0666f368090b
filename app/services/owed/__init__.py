"""What is due: clocks and their standards, slips, reminders, tracer letters, things in nobody's hands."""
