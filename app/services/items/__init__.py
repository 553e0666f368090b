"""Consignments: registered, labelled, found, redirected, erased."""
