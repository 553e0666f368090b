"""Search, by what a person has at hand or by a pasted column of codes. The address bar holds the question.

A document's number never stands in an address: addresses are written to logs and kept in histories. It is
asked for by POST, and its further pages are too.
"""

from typing import Final
from urllib.parse import urlencode

from flask import make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.domain.access import Permission, may
from app.domain.consignment import State
from app.domain.errors import InvalidInput, NotFound
from app.domain.grades import Secrecy
from app.http.access import access
from app.http.ports import runtime
from app.services.bags import bag_access
from app.services.home import QUEUES, Queue
from app.services.items import search as searching
from app.services.items.search import SearchResult
from app.services.people.access import parse_seen_code
from app.web.forms import Form, posted
from app.web.rows import list_rows
from app.web.translate import _
from app.web.views import consignments
from app.web.views.choices import Option, code_options, unit_options
from app.web.views.home import queue_title
from app.web.views.person import require_person

# The same blueprint: a list and its items share their addresses.
BLUEPRINT: Final = consignments.BLUEPRINT
_FIELDS: Final = ("q", "agency", "from", "until", "state", "secrecy", "queue", "before")


@BLUEPRINT.get("")
@access(Permission.SEARCH)
def search() -> BaseResponse:
    """Answer the question in the address bar; with none, show the empty form."""
    asked = {name: request.args[name] for name in _FIELDS if request.args.get(name, "").strip()}
    bag = _find_bag(asked.get("q", ""))
    if bag is not None:
        return redirect(url_for("bags.show", code=bag), code=303)
    return _answer(Form(untrusted=asked)) if asked else make_response(_page(Form(), None))


@BLUEPRINT.post("")
@access(Permission.SEARCH)
def search_quietly() -> BaseResponse:
    """Look up a pasted column of codes, what is not found listed too; or a document by its number."""
    form = posted()
    if form.value("document").strip():
        asked = {name: form.value(name) for name in ("document", "before") if form.value(name).strip()}
        return _answer(Form(untrusted=asked))
    return _answer(Form(untrusted={"codes": form.value("codes")}))


def _answer(form: Form) -> BaseResponse:
    try:
        result = runtime().read(searching.search, form.untrusted, actor=require_person().actor)
    except InvalidInput as error:
        return make_response(_page(form.refused(error), None), 422)
    return make_response(_page(form, result))


def _page(form: Form, result: SearchResult | None) -> str:
    person = require_person()
    before = result.page.next_before if result and "codes" not in form.untrusted else None
    is_document = "document" in form.untrusted
    asked = urlencode({**form.untrusted, "before": str(before)}) if before and not is_document else ""
    return render_template(
        "consignments/search.html",
        form=form,
        found=list_rows(result.page) if result else None,
        total=result.page.total if result else 0,
        following=f"{url_for('consignments.search')}?{asked}" if asked else "",
        before=before if is_document else None,
        missing=result.not_found if result else (),
        states=code_options(State, "state"),
        grades=code_options(Secrecy, "secrecy"),
        units=unit_options(person),
        queues=[Option(value=queue.value, label=queue_title(queue)) for queue in QUEUES[person.actor.role]],
        may_read_sealed=may(person.actor.role, Permission.READ_SEALED),
        title=queue_title(Queue(form.value("queue"))) if _is_queue(form.value("queue")) else _("Tìm bưu gửi"),
    )


def _find_bag(untrusted: str) -> str | None:
    """Return the code of a bag whose tag was scanned into the search, None for anything else."""
    person = require_person()
    if not person.may(Permission.VIEW_BAG):
        return None
    try:
        code = parse_seen_code(untrusted.partition("|")[0])
        return str(runtime().read(bag_access.get_bag, code, actor=person.actor).code)
    except NotFound:
        return None


def _is_queue(name: str) -> bool:
    return name in {queue.value for queue in Queue}
