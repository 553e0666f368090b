"""Answer a second person who proves who they are for one act, take or list: the same door on both surfaces.

The password is handed to the service and to nothing else; a refusal never says which half was wrong.
"""

import re
from collections.abc import Iterable, Mapping
from secrets import token_hex
from typing import Final

from flask import Response, jsonify, request

from app.domain.access import Actor
from app.domain.errors import InvalidInput, ProblemCode
from app.http.answers import refuse
from app.http.ports import runtime
from app.http.security_log import report
from app.services.people.login import LoginRefusal, LoginRefused
from app.services.scans import presence
from app.services.scans.handing_in import list_digest
from app.services.scans.presence import Attestation, Attested, take_nonce
from audit.evidence import MAX_LINES
from crypto.timestamps import format_at

_SCAN: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[47][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
_NONCE: Final = re.compile(r"[0-9a-f]{32}")
_ASKED: Final = frozenset({"username", "password", "nonce", "subject"})
_ASKED_OF_TAKE: Final = frozenset({"username", "password", "scan", "nonce"})
_ASKED_OF_GIVER: Final = frozenset({"username", "password", "nonce", "unit"})
_UNIT: Final = re.compile(r"[!-~]{1,32}")
# Of a bag, or of a leg of a courier.
_CODE: Final = re.compile(r"[A-Z]{2}[0-9]{9}[A-Z]{2}|HT-[A-Z0-9.-]{2,16}-[0-9]{4}-[0-9]{1,9}")


def attest_second(
    username: str, password: str, *, subject: str, actor: Actor, on_duty: bool = True
) -> tuple[str, Attested] | LoginRefused:
    """Verify the second person of an act that is done in this very request: the ticket's nonce, and who.

    `on_duty`: see :class:`app.services.scans.presence.Attestation`.
    """
    nonce = token_hex(16)
    found = _prove(username, password, nonce=nonce, subject=subject, actor=actor, on_duty=on_duty)
    return found if isinstance(found, LoginRefused) else (nonce, found)


def refuse_second(found: LoginRefused) -> Response:
    """Answer for a second person who did not prove who they are."""
    answer = refuse(found.reason)
    if found.reason is LoginRefusal.WRONG:
        # Who asks is known; what was typed is what cannot be processed.
        answer.status_code = 422
    return answer


def attest_body(untrusted: object, *, actor: Actor) -> Response:
    """Do the same with the body of a page's request: an object of exactly these four texts."""
    return attest_from(_read_texts(untrusted, _ASKED), actor=actor)


def attest_take_body(untrusted: object, *, actor: Actor) -> Response:
    """Verify the second person of a take from the body of a page's request: exactly four texts."""
    return attest_take_from(_read_texts(untrusted, _ASKED_OF_TAKE), actor=actor)


def attest_giver_body(untrusted: object, *, actor: Actor) -> Response:
    """Let whoever hands in agree to a list, from the body of a page's request: four texts and `lines`."""
    rest = dict(untrusted) if isinstance(untrusted, dict) else {}
    lines = rest.pop("lines", None)
    return attest_giver_from(_read_texts(rest, _ASKED_OF_GIVER), _read_lines(lines), actor=actor)


def _read_lines(untrusted: object) -> list[tuple[str, str]]:
    """Read codes and verdicts; what is wrong with one is for the statement's own parser to say."""
    if not isinstance(untrusted, list) or not 1 <= len(untrusted) <= MAX_LINES:
        raise InvalidInput("lines", ProblemCode.MALFORMED)
    lines = [_read_texts(line, frozenset({"code", "verdict"})) for line in untrusted]
    return [(line["code"], line["verdict"]) for line in lines]


def _read_texts(untrusted: object, names: frozenset[str]) -> dict[str, str]:
    if not isinstance(untrusted, dict) or untrusted.keys() != names:
        raise InvalidInput("body", ProblemCode.MALFORMED)
    if not all(isinstance(value, str) for value in untrusted.values()):
        raise InvalidInput("body", ProblemCode.MALFORMED)
    return untrusted


def attest_from(untrusted: Mapping[str, str], *, actor: Actor) -> Response:
    """Verify `username` and `password` for the act that `nonce` and `subject` name."""
    if _NONCE.fullmatch(untrusted["nonce"]) is None:
        raise InvalidInput("nonce", ProblemCode.MALFORMED)
    if _CODE.fullmatch(untrusted["subject"]) is None:
        raise InvalidInput("subject", ProblemCode.MALFORMED)
    return _attest(untrusted, untrusted["nonce"], untrusted["subject"], actor)


def attest_take_from(untrusted: Mapping[str, str], *, actor: Actor) -> Response:
    """Verify `username` and `password` for the take that `scan` names, over the offer of `nonce`."""
    if _SCAN.fullmatch(untrusted["scan"]) is None:
        raise InvalidInput("scan", ProblemCode.MALFORMED)
    if _NONCE.fullmatch(untrusted["nonce"]) is None:
        raise InvalidInput("nonce", ProblemCode.MALFORMED)
    return _attest(untrusted, take_nonce(untrusted["scan"]), untrusted["nonce"], actor)


def attest_giver_from(
    untrusted: Mapping[str, str], lines: Iterable[tuple[str, str]], *, actor: Actor
) -> Response:
    """Verify `username` and `password` for the list that `unit` hands in under `nonce`."""
    if _NONCE.fullmatch(untrusted["nonce"]) is None:
        raise InvalidInput("nonce", ProblemCode.MALFORMED)
    if _UNIT.fullmatch(untrusted["unit"]) is None:
        raise InvalidInput("unit", ProblemCode.MALFORMED)
    return _attest(
        untrusted, untrusted["nonce"], list_digest(untrusted["unit"], lines), actor, called="giver"
    )


def _attest(
    untrusted: Mapping[str, str], nonce: str, subject: str, actor: Actor, *, called: str = "witness"
) -> Response:
    username, password = untrusted["username"], untrusted["password"]
    found = _prove(username, password, nonce=nonce, subject=subject, actor=actor)
    if isinstance(found, LoginRefused):
        return refuse_second(found)
    said = {called: int(found.witness), "name": found.full_name, "until": format_at(found.until)}
    return jsonify(said)


def _prove(
    username: str, password: str, *, nonce: str, subject: str, actor: Actor, on_duty: bool = True
) -> Attested | LoginRefused:
    """Ask for a ticket, and report whoever does not get one."""
    attestation = Attestation(
        username=username,
        password=password,
        address=request.remote_addr or "",
        nonce=nonce,
        subject=subject,
        on_duty=on_duty,
    )
    found = presence.attest(runtime().write, attestation, actor=actor)
    if isinstance(found, LoginRefused):
        report("witness_not_attested", user=actor.user, why=found.reason)
    return found
