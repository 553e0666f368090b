"""Who answered for a thing at any time, and what a person, a unit or a bag held then.

One form with one address, so that a question can be kept and asked again. What a person may ask about is
decided by `app/services/items/past_custody.py`; "not yours" and "not there" are answered alike.
"""

from typing import Final

from flask import Blueprint, make_response, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from app.domain.access import Permission
from app.domain.errors import InvalidInput, NotFound
from app.http.access import access
from app.http.ports import runtime
from app.services.items import past_custody
from app.services.items.past_custody import CustodyAt, HeldThing, HoldingsAt
from app.services.people.access import parse_seen_code
from app.web.forms import Form
from app.web.translate import _
from app.web.views.choices import Option
from app.web.views.person import require_person

BLUEPRINT: Final = Blueprint("holdings", __name__, url_prefix="/holdings")
_FIELDS: Final = ("holder", "value", "at")
_THING: Final = "thing"


@BLUEPRINT.get("")
@access(Permission.VIEW_HOLDINGS)
def show() -> BaseResponse:
    """Answer the question in the address bar; with none, show what the person holds now."""
    form = Form(untrusted={name: request.args.get(name, "").strip() for name in _FIELDS})
    try:
        return make_response(_page(form, *_ask(form)))
    except InvalidInput as error:
        return make_response(_page(form.refused(error), None, None), 422)
    except NotFound:
        return make_response(_page(form, None, None, unknown=True), 404)


def _ask(form: Form) -> tuple[CustodyAt | None, HoldingsAt | None]:
    actor, at = require_person().actor, form.value("at")
    if form.value("holder") == _THING:
        code = parse_seen_code(form.value("value"))
        return runtime().read(past_custody.find_custodian_at, code, untrusted_at=at, actor=actor), None
    untrusted = {"holder": form.value("holder") or "user", "value": form.value("value"), "at": at}
    return None, runtime().read(past_custody.list_holdings_at, untrusted, actor=actor)


def _page(form: Form, custody: CustodyAt | None, held: HoldingsAt | None, *, unknown: bool = False) -> str:
    return render_template(
        "holdings/show.html",
        form=form,
        holders=_holders(),
        custody=None if custody is None else _custody(custody),
        held=held,
        bags=0 if held is None else len(held.things) - held.items,
        rows=() if held is None else [_row(thing, held) for thing in held.things],
        unknown=unknown,
    )


def _holders() -> list[Option]:
    return [
        Option(value="user", label=_("Một người giữ những gì")),
        Option(value="unit", label=_("Một đơn vị giữ những gì")),
        Option(value="bag", label=_("Trong một túi có những gì")),
        Option(value=_THING, label=_("Ai giữ một bưu gửi hoặc túi")),
    ]


def _custody(found: CustodyAt) -> dict[str, object]:
    custodian = found.custodian
    return {
        "code": found.code,
        "at": found.at,
        "size": found.size,
        "person": None if custodian is None else found.users[custodian.user].full_name,
        "unit": None if custodian is None else found.units[custodian.unit].name,
        "inferred": found.inferred,
        "bag": found.bag,
        "since": None if found.since is None else found.since.recorded_at,
        "index": None if found.since is None else found.since.index,
        "is_proven": found.is_proven,
    }


def _row(thing: HeldThing, held: HoldingsAt) -> dict[str, object]:
    return {
        "code": thing.code,
        "is_bag": thing.is_bag,
        "bag": thing.bag,
        "person": held.users[thing.custodian.user].full_name,
        "unit": held.units[thing.custodian.unit].short_name,
        "since": thing.since,
    }
