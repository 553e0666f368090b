"""The two faces of the server: people with browsers and sessions, devices with tokens.

It must never hold anything but the names: what each surface allows is decided where it is wired.
"""

from enum import StrEnum
from typing import Final

from flask import Flask

_EXTENSION: Final = "kt1_surface"


class Surface(StrEnum):
    """Which face an application shows."""

    PEOPLE = "people"
    DEVICES = "devices"


def mark(app: Flask, surface: Surface) -> None:
    """Write down which face this application shows."""
    app.extensions[_EXTENSION] = surface


def surface_of(app: Flask) -> Surface:
    """Tell which face an application shows."""
    return Surface(app.extensions[_EXTENSION])
