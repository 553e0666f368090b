"""Answer a second person who proves who they are for one act: the same door on both surfaces.

The password is handed to the service and to nothing else; a refusal never says which half was wrong.
"""

import re
from collections.abc import Mapping
from typing import Final

from flask import Response, jsonify, request

from app.domain.access import Actor
from app.domain.errors import InvalidInput, ProblemCode
from app.http.answers import refuse
from app.http.ports import runtime
from app.http.security_log import report
from app.services import presence
from app.services.login import LoginRefusal, LoginRefused
from app.services.presence import Attestation
from crypto.timestamps import format_at

_NONCE: Final = re.compile(r"[0-9a-f]{32}")
_ASKED: Final = frozenset({"username", "password", "nonce", "subject"})
# Of a bag, or of a leg of a courier.
_CODE: Final = re.compile(r"[A-Z]{2}[0-9]{9}[A-Z]{2}|HT-[A-Z0-9.-]{2,16}-[0-9]{4}-[0-9]{1,9}")


def attest_body(untrusted: object, *, actor: Actor) -> Response:
    """Do the same with the body of a page's request: an object of exactly these four texts."""
    if not isinstance(untrusted, dict) or untrusted.keys() != _ASKED:
        raise InvalidInput("body", ProblemCode.MALFORMED)
    if not all(isinstance(value, str) for value in untrusted.values()):
        raise InvalidInput("body", ProblemCode.MALFORMED)
    return attest_from(untrusted, actor=actor)


def attest_from(untrusted: Mapping[str, str], *, actor: Actor) -> Response:
    """Verify `username` and `password` for the act that `nonce` and `subject` name."""
    if _NONCE.fullmatch(untrusted["nonce"]) is None:
        raise InvalidInput("nonce", ProblemCode.MALFORMED)
    if _CODE.fullmatch(untrusted["subject"]) is None:
        raise InvalidInput("subject", ProblemCode.MALFORMED)
    attestation = Attestation(
        username=untrusted["username"],
        password=untrusted["password"],
        address=request.remote_addr or "",
        nonce=untrusted["nonce"],
        subject=untrusted["subject"],
    )
    found = presence.attest(runtime().write, attestation, actor=actor)
    if isinstance(found, LoginRefused):
        report("witness_not_attested", user=actor.user, why=found.reason)
        answer = refuse(found.reason)
        if found.reason is LoginRefusal.WRONG:
            # Who asks is known; what was typed is what cannot be processed.
            answer.status_code = 422
        return answer
    return jsonify(witness=int(found.witness), name=found.full_name, until=format_at(found.until))
