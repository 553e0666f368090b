"""Printed forms: frozen data in, PDF or XLSX bytes out."""
