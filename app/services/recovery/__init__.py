"""Do again what the published log says was done, after an older copy of the database was put back."""
