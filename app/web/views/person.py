"""The person of a request, for views that a route has already guarded."""

from app.http.access import Unauthenticated
from app.http.person import Person, current_person


def require_person() -> Person:
    """Return the logged-in person; a view declared public has no business here."""
    person = current_person()
    if person is None:
        raise Unauthenticated
    return person
