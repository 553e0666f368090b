"""Let generated registrations name a unit that exists, as a real device would, in half of the cases.

Without this nearly every generated form would stop at its first field. Loaded by `test_openapi.py`.
"""

from typing import Any

import schemathesis


@schemathesis.hook
def map_body(context: schemathesis.HookContext, body: Any) -> Any:
    """Put a real unit where a well-formed one stands."""
    del context
    if isinstance(body, dict) and isinstance(body.get("recipient_unit"), str):
        unit = body["recipient_unit"]
        if 1 <= len(unit) <= 16 and sum(map(ord, unit)) % 2 == 0:
            return {**body, "recipient_unit": "24.H02"}
    return body
