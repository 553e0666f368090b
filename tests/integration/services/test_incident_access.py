"""Who may know of an incident, and what each role may do about it, on both databases."""

import pytest

from app.domain.errors import InvalidInput, NotFound, NotPermitted
from app.domain.incident import Incident
from app.domain.incident_search import IncidentSearch
from app.services.incidents import incident_pages
from tests.support.incidents import file_of, last_entry, opened, staffed, step
from tests.support.office import Office
from tests.support.town import RECEIVING, SENDING


@pytest.fixture
def desk(office: Office) -> Office:
    """Staff the offices."""
    return staffed(office)


def test_who_may_look(desk: Office) -> None:
    mine, other = desk.town.register(2)
    desk.town.post([mine, other])
    incident = opened(desk, mine, other)
    seen = {name: _sees(desk, incident, name) for name in desk.actors}
    assert seen == {
        **dict.fromkeys(desk.actors, False),
        **dict.fromkeys(("an", "hanh", "binh", "mai", "dung", "nga", "giang"), True),
    }


def _sees(desk: Office, incident: Incident, name: str) -> bool:
    try:
        file_of(desk, incident, by=name)
    except (NotFound, NotPermitted):
        return False
    return True


def test_a_recipient_learns_of_nothing_the_post_has_not_accepted(desk: Office) -> None:
    (code,) = desk.town.register()
    incident = opened(desk, code, by="an")
    assert _sees(desk, incident, "hanh")
    assert not _sees(desk, incident, "binh")
    desk.town.post([code])
    assert _sees(desk, incident, "binh")


def test_a_focal_point_sees_their_own_items_of_an_incident_only(desk: Office) -> None:
    (mine,) = desk.town.register()
    theirs = desk.register(by="oanh", recipient_unit=SENDING)
    desk.town.post([mine])
    incident = opened(desk, mine, theirs, "RR123456785VN")
    shown = file_of(desk, incident, by="binh")
    assert (shown.codes, shown.strangers) == ((mine,), ())
    assert set(file_of(desk, incident, by="giang").codes) == {mine, theirs}


def test_a_focal_point_links_no_item_that_is_not_theirs(desk: Office) -> None:
    theirs = desk.register(by="oanh", recipient_unit=RECEIVING)
    incident = opened(desk, theirs, by="an", kind="unrecorded")
    assert file_of(desk, incident).strangers == (theirs,)
    assert not last_entry(desk).items


def test_naming_an_owner_lets_their_unit_know(desk: Office) -> None:
    incident = opened(desk)
    assert not _sees(desk, incident, "tam")
    step(desk, "assign", incident, str(int(desk.actors["tam"].user)))
    assert _sees(desk, incident, "tam")


@pytest.mark.parametrize("name", ["chien", "an", "khanh", "999999", "", "-1", "9" * 30])
def test_only_those_who_may_handle_it_become_owner(desk: Office, name: str) -> None:
    incident = opened(desk)
    word = str(int(desk.actors[name].user)) if name in desk.actors else name
    with pytest.raises(InvalidInput):
        step(desk, "assign", incident, word)


@pytest.mark.parametrize("name", ["assign", "add_evidence", "report", "resolve", "reopen", "close"])
def test_a_focal_point_comments_and_does_nothing_else(desk: Office, name: str) -> None:
    incident = opened(desk, by="an")
    step(desk, "comment", incident, by="an")
    with pytest.raises(NotPermitted):
        step(desk, name, incident, by="an")


@pytest.mark.parametrize("name", ["chien", "hoa", "khanh"])
def test_roles_that_investigate_nothing_see_no_list(desk: Office, name: str) -> None:
    with pytest.raises(NotPermitted):
        desk.read(incident_pages.list_incidents, IncidentSearch(), actor=desk.actors[name])


def test_a_courier_opens_one_and_does_not_read_it(desk: Office) -> None:
    (code,) = desk.town.register()
    desk.town.post([code])
    incident = opened(desk, code, by="chien")
    assert file_of(desk, incident, by="dung").codes == (code,)
    with pytest.raises(NotPermitted):
        step(desk, "comment", incident, by="chien")
