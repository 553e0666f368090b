"""What people of the demo do at their desks by forms: register, plan, keep a shift, follow an incident.

Each function fills in the form that its page shows and holds the answer against what must come; nothing here
is signed by a device. It must never call a use case.
"""

import re
from collections.abc import Mapping, Sequence

from app.cli.demo.browser import Page, UnexpectedAnswer, expect
from app.cli.demo.person import Person, option

_CODE = re.compile(r"/consignments/([A-Z]{2}[0-9]{9}[A-Z]{2})$")
_INCIDENT = re.compile(r'href="/incidents/([0-9]+)">([^<]+)<')
_HOLD = re.compile(r"/holds/([0-9]+)/lift")
_TRACER = re.compile(r"/tracers/([0-9]+)")
_FAULT = re.compile(r'role="alert"[^>]*>(.*?)</(?:p|div|section)>', re.DOTALL)


def register(person: Person, *, recipient: str, fields: Mapping[str, str]) -> str:
    """Fill in the registration form and return the new item's code."""
    page = _send_registration(person, recipient, fields)
    found = _CODE.search(page.path)
    if not found:
        raise UnexpectedAnswer(f"the registration was refused: {page.words[:400]}")
    return found[1]


def refuse_registration(person: Person, *, recipient: str, fields: Mapping[str, str]) -> None:
    """Fill in a form that must be refused; raises UnexpectedAnswer when it is accepted."""
    if _CODE.search(_send_registration(person, recipient, fields).path):
        raise UnexpectedAnswer("a wrong form was accepted")


def _send_registration(person: Person, recipient: str, fields: Mapping[str, str]) -> Page:
    form = expect(person.browser.get("/consignments/new"))
    chosen = option(form, f"· {recipient}")
    return person.browser.post("/consignments/new", {**fields, "recipient_unit": chosen})


def print_label(person: Person, code: str) -> int:
    """Fetch the label as PDF and return its size in bytes."""
    expect(person.browser.get(f"/consignments/{code}/label"))
    page = person.browser.post(f"/consignments/{code}/label.pdf", {"format": "a6", "start": "1"})
    return _pdf(expect(page))


def issue_seals(person: Person, *, office: str, first: str, last: str) -> None:
    """Give an office a range of seals."""
    expect(person.browser.get("/seals"))
    expect(person.browser.post("/seals/issues", {"office": office, "first": first, "last": last}))


def start_bag(person: Person, *, to: str, asset: str) -> str:
    """Begin a bag's trip and return its code."""
    expect(person.browser.get("/bags/new"))
    page = expect(person.browser.post("/bags/new", {"destination": to, "asset": asset}))
    return _last_part(page)


def print_papers_of_bag(person: Person, bag: str) -> None:
    """Print the tag of a bag and its manifest."""
    expect(person.browser.get(f"/bags/{bag}"))
    _pdf(expect(person.browser.post(f"/bags/{bag}/tag.pdf", {"reason": ""})))
    _pdf(expect(person.browser.get(f"/bags/{bag}/manifest.pdf")))


def add_vehicle(person: Person, plate: str) -> None:
    """Put a vehicle that serves KT1 alone into the register of one's office."""
    expect(person.browser.get("/legs/vehicles"))
    expect(person.browser.post("/legs/vehicles", {"plate": plate, "dedicated": "yes"}))


def plan_leg(
    person: Person, load: Sequence[str], *, crew: tuple[str, str], plate: str, to: str, hours: tuple[str, str]
) -> str:
    """Plan a leg and return its code; `crew` are the names of courier and escort, `hours` two times."""
    form = expect(person.browser.get("/legs/new"))
    fields = {
        "to_office": option(form, f"· {to}"),
        "courier": option(form, crew[0]),
        "escort": option(form, crew[1]),
        "vehicle": plate,
        "departs_at": hours[0],
        "arrives_at": hours[1],
        "codes": " ".join(load),
    }
    leg = _last_part(expect(person.browser.post("/legs/new", fields)))
    _pdf(expect(person.browser.get(f"/legs/{leg}/sheet.pdf")))
    return leg


def open_shift(person: Person) -> str:
    """Open one's own shift and return its code."""
    expect(person.browser.get("/shifts"))
    return _last_part(expect(person.browser.post("/shifts", {})))


def close_shift(person: Person, shift: str, supervisor: Person) -> None:
    """Close one's own shift; the supervisor types their password here."""
    expect(_close_shift(person, shift, supervisor))


def refuse_closing(person: Person, shift: str, supervisor: Person) -> str:
    """Try to close a shift that does not balance; returns what the page says."""
    page = expect(_close_shift(person, shift, supervisor), 409)
    return fault(page)


def _close_shift(person: Person, shift: str, supervisor: Person) -> Page:
    expect(person.browser.get(f"/shifts/{shift}"))
    typed = {"username": supervisor.username, "password": supervisor.password}
    return person.browser.post(f"/shifts/{shift}/close", typed)


def open_muster(person: Person, *, place: str) -> str:
    """Open a muster of a place, unannounced, and return its code."""
    expect(person.browser.get("/musters"))
    return _last_part(expect(person.browser.post("/musters", {"unit": place, "person": ""})))


def close_muster(person: Person, muster: str, partner: Person) -> None:
    """Close one's own muster, with somebody of the place who types their password here; print its minutes."""
    expect(person.browser.get(f"/musters/{muster}"))
    typed = {"username": partner.username, "password": partner.password}
    expect(person.browser.post(f"/musters/{muster}/close", typed))
    _pdf(expect(person.browser.get(f"/musters/{muster}/minutes.pdf")))


def newest_incident(person: Person) -> tuple[int, str]:
    """Return the address and the number of the incident that was opened last."""
    page = expect(person.browser.get("/incidents"))
    found = _INCIDENT.search(page.text)
    if found is None:
        raise UnexpectedAnswer(f"{person.title} sees no incident")
    return int(found[1]), found[2].strip()


def step_incident(person: Person, incident: int, step: str, fields: Mapping[str, str]) -> None:
    """Add one step to an incident: report, evidence, resolve, close."""
    expect(person.browser.get(f"/incidents/{incident}"))
    expect(person.browser.post(f"/incidents/{incident}/{step}", fields))


def print_minutes(person: Person, incident: int) -> int:
    """Print the minutes of an incident; returns the size in bytes."""
    return _pdf(expect(person.browser.get(f"/incidents/{incident}/minutes.pdf")))


def stop_code(person: Person, code: str, *, text: str) -> None:
    """Order that a lost item be stopped wherever it is scanned."""
    expect(person.browser.get("/holds"))
    fields = {"hold": "stopped", "code": code, "reason": "lost", "text": text}
    expect(person.browser.post("/holds", fields))


def lift_stop(person: Person, code: str, *, text: str) -> None:
    """Let a stopped code go, as the second person."""
    page = expect(person.browser.get("/holds"))
    found = _HOLD.search(page.text)
    if found is None or code not in page.text:
        raise UnexpectedAnswer(f"{person.title} sees no order about {code}")
    expect(person.browser.post(f"/holds/{found[1]}/lift", {"text": text}))


def print_slip(person: Person, code: str, kind: str) -> None:
    """Print the slip that travels back to the sender."""
    _pdf(expect(person.browser.get(f"/consignments/{code}/receipts/{kind}.pdf")))


def file_slip(person: Person, symbol: str) -> None:
    """Scan a slip that came back."""
    expect(person.browser.get("/acknowledgements"))
    page = expect(person.browser.post("/acknowledgements", {"slip": symbol}))
    if page.path != "/acknowledgements":
        raise UnexpectedAnswer(f"the slip was not filed: {page.words[:300]}")


def overdue_acknowledgements(person: Person) -> str:
    """Return what the page of acknowledgements says is owed."""
    return expect(person.browser.get("/acknowledgements")).text


def raise_tracers(person: Person) -> int:
    """Raise what is due and print the newest letter; returns the letter's address."""
    expect(person.browser.get("/tracers"))
    page = expect(person.browser.post("/tracers/due", {}))
    found = [int(number) for number in _TRACER.findall(page.text)]
    if len(set(found)) != 1:
        raise UnexpectedAnswer(f"one letter was due, the page lists {sorted(set(found))}")
    _pdf(expect(person.browser.get(f"/tracers/{found[0]}.pdf")))
    return found[0]


def answer_tracer(person: Person, tracer: int, answer: str) -> None:
    """Answer a letter."""
    expect(person.browser.get("/tracers"))
    expect(person.browser.post(f"/tracers/{tracer}/answer", {"answer": answer}))


def list_relief(person: Person, shift: str, successor: Person) -> None:
    """Make the list of one's last count out to a colleague."""
    expect(person.browser.get(f"/shifts/{shift}/relief/new"))
    page = expect(person.browser.post(f"/shifts/{shift}/relief", {"successor": successor.username}))
    if not page.path.endswith("/relief"):
        raise UnexpectedAnswer(f"the relief was not listed: {page.words[:300]}")


def print_relief(person: Person, shift: str) -> None:
    """Print the minutes of a relief whose shift is closed."""
    _pdf(expect(person.browser.get(f"/shifts/{shift}/relief.pdf")))


def fault(page: Page) -> str:
    """Return the complaint that a page shows."""
    found = _FAULT.search(page.text)
    if found is None:
        raise UnexpectedAnswer(f"{page.path} complains of nothing: {page.words[:300]}")
    return " ".join(re.sub(r"<[^>]+>", " ", found[1]).split())


def _pdf(page: Page) -> int:
    if not page.body.startswith(b"%PDF-"):
        raise UnexpectedAnswer(f"{page.path} is not a PDF: {page.words[:200]}")
    return len(page.body)


def _last_part(page: Page) -> str:
    name = page.path.rpartition("/")[2]
    if name in {"new", "shifts", "bags", "legs", "musters"}:
        raise UnexpectedAnswer(f"{page.path} was not accepted: {page.words[:400]}")
    return name
