"""The numbered revisions, oldest first; they import nothing of ours."""
