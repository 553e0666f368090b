"""Courier cards and letters of introduction: who carries one, until when; issue, take back, print."""

from typing import Final

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.domain.access import Permission
from app.domain.authority import AuthorityKind, RevocationReason, issued_kind
from app.domain.errors import Conflict, InvalidInput
from app.domain.grades import Secrecy
from app.domain.validity import Validity
from app.http.access import access
from app.http.i18n import words
from app.http.ports import runtime
from app.services.people import authorities
from app.services.people.authorities import IssueAuthority, RevokeAuthority, ShownPaper
from app.web.forms import Form, posted
from app.web.numbers import parse_number
from app.web.translate import _
from app.web.views.choices import Option, code_options
from app.web.views.labels import PDF
from app.web.views.person import require_person
from reports.authority_paper import AuthorityPaper, PaperState, render_card, render_letter

BLUEPRINT: Final = Blueprint("authorities", __name__, url_prefix="/authorities")
_VOID: Final = frozenset({Validity.EXPIRED, Validity.REVOKED})


@BLUEPRINT.get("")
@access(Permission.VIEW_AUTHORITY)
def show() -> str:
    """List the papers, the ones that end soon first, with the form for another one."""
    return _page(Form())


@BLUEPRINT.post("")
@access(Permission.ISSUE_AUTHORITY)
def issue() -> BaseResponse:
    """Issue a paper."""
    form = posted()
    command = IssueAuthority(untrusted=form.untrusted)
    try:
        runtime().write(authorities.issue, command, actor=require_person().actor)
    except InvalidInput as error:
        return make_response(_page(form.refused(error)), 422)
    except Conflict as error:
        return make_response(_page(form.refused(error, at="number")), 409)
    flash(_("Đã cấp và ghi nhật ký. In giấy để ký, đóng dấu rồi giao cho người được cấp."), "ok")
    return redirect(url_for("authorities.show"), code=303)


@BLUEPRINT.post("/<number:authority>/revoke")
@access(Permission.ISSUE_AUTHORITY)
def revoke(authority: int) -> BaseResponse:
    """Take a paper back before its time."""
    form = posted()
    command = RevokeAuthority(authority=authority, untrusted_reason=form.value("reason"))
    try:
        runtime().write(authorities.revoke, command, actor=require_person().actor)
    except InvalidInput as error:
        return make_response(_page(form.refused(error)), 422)
    except Conflict as error:
        return make_response(_page(form.refused(error, at="reason")), 409)
    flash(_("Đã thu hồi. Từ lúc này người đó không nhận được theo giấy này nữa."), "warn")
    return redirect(url_for("authorities.show"), code=303)


@BLUEPRINT.get("/<number:authority>.pdf")
@access(Permission.VIEW_AUTHORITY)
def paper(authority: int) -> Response:
    """Give the card or letter to print, sign and seal."""
    shown = runtime().read(authorities.get_paper, authority, actor=require_person().actor)
    is_card = shown.paper.kind is AuthorityKind.COURIER_CARD
    data = _on_paper(shown)
    answer = Response(render_card(data) if is_card else render_letter(data), mimetype=PDF)
    name = f"{shown.paper.kind}-{shown.paper.id}"
    answer.headers["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    return answer


def _page(form: Form) -> str:
    person = require_person()
    before = parse_number(request.args.get("before", ""))
    page = runtime().read(authorities.list_papers, actor=person.actor, before=before)
    may_issue = person.may(Permission.ISSUE_AUTHORITY)
    people = runtime().read(authorities.list_holders, actor=person.actor) if may_issue else ()
    return render_template(
        "authorities/list.html",
        form=form,
        rows=[_row(one) for one in page.rows],
        ending=[_row(one) for one in page.ending],
        before=page.next_before,
        issues=issued_kind(person.actor.role) or "",
        people=[
            Option(value=str(user.id), label=f"{user.full_name} · {words(f'role.{user.role}')}")
            for user in people
        ],
        marks=code_options((Secrecy.A, Secrecy.B, Secrecy.C), "secrecy"),
        reasons=code_options(RevocationReason, "revocation_reason"),
    )


def _row(shown: ShownPaper) -> dict[str, object]:
    return {
        "id": shown.paper.id,
        "number": shown.paper.number,
        "kind": shown.paper.kind,
        "holder": shown.holder.full_name,
        "unit": shown.unit.short_name,
        "from": shown.paper.valid_from_at,
        "until": shown.paper.valid_until_at,
        "issued_by": shown.issued_by.full_name,
        "state": shown.state,
        "ends_soon": shown.ends_soon,
        "reason": shown.paper.revoked_for,
        "up_to": shown.paper.up_to,
        "may_revoke": shown.may_revoke,
    }


def _on_paper(shown: ShownPaper) -> AuthorityPaper:
    return AuthorityPaper(
        number=shown.paper.number,
        unit=shown.unit.name,
        holder=shown.holder.full_name,
        position=shown.holder.position,
        valid_from_at=shown.paper.valid_from_at,
        valid_until_at=shown.paper.valid_until_at,
        issued_at=shown.paper.issued_at,
        state=PaperState.VOID if shown.state in _VOID else PaperState.VALID,
        origin=runtime().settings.origin,
        up_to="" if shown.paper.up_to is None else shown.paper.up_to.value,
    )
