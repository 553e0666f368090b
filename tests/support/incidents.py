"""A post office with three clerks and what they do about incidents, in one line each."""

from collections.abc import Callable

from app.domain.access import Role
from app.domain.incident import Incident
from app.services.incidents import incident_pages, incident_steps, incidents
from app.services.incidents.incident_pages import IncidentFile
from app.services.incidents.incident_steps import StepIncident
from app.services.incidents.incidents import OpenIncident
from audit.entry import Entry, parse_entry
from tests.support.office import Office

TEXT = "Bì ngoài rách một góc\nbì trong còn nguyên"


def staffed(office: Office) -> Office:
    """Give the post office a second clerk, and an office elsewhere a third."""
    office.actors["nga"] = office.employ("nga", "Ngô Thị Nga", Role.CLERK)
    office.actors["tam"] = office.employ("tam", "Tạ Văn Tâm", Role.CLERK, unit="24.H03")
    return office


def opened(desk: Office, *codes: str, by: str = "dung", kind: str = "damaged") -> Incident:
    """Open an incident by hand."""
    command = OpenIncident(untrusted_kind=kind, untrusted_codes=" ".join(codes), untrusted_text=TEXT)
    return desk.write(incidents.open_incident, command, actor=desk.actors[by])


def step(
    desk: Office, name: str, incident: Incident, word: str = "", text: str = "x", by: str = "dung"
) -> Incident:
    """Do one thing about it."""
    command = StepIncident(incident=incident.id, untrusted_word=word, untrusted_text=text)
    use_case: Callable[..., Incident] = getattr(incident_steps, name)
    return desk.write(use_case, command, actor=desk.actors[by])


def resolved(desk: Office, incident: Incident) -> Incident:
    """Report, add everything that is owed, resolve."""
    step(desk, "report", incident, "sender")
    for proof in file_of(desk, incident).owed:
        step(desk, "add_evidence", incident, proof.value)
    return step(desk, "resolve", incident, "transport")


def file_of(desk: Office, incident: Incident, by: str = "giang") -> IncidentFile:
    """Open its page."""
    return desk.read(incident_pages.get_incident, incident.id, actor=desk.actors[by])


def entries_of(desk: Office, incident: Incident) -> list[Entry]:
    """Return the entries that tell of it, in order."""
    indexes = file_of(desk, incident).entries
    rows = desk.read(lambda uow: uow.audit.list_rows(indexes))
    return sorted((parse_entry(row.data) for row in rows), key=lambda entry: entry.index)


def last_entry(desk: Office) -> Entry:
    """Return the newest entry of the log."""
    return parse_entry(desk.read(lambda uow: uow.audit.list_latest(limit=1))[0].data)
