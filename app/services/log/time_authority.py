"""Carries a time-stamp request to an authority over HTTP (RFC 3161 section 3.4) and its reply back.

The authority is the one the configuration names: this never follows a redirect to another, never reads more
than a reply can hold, and never judges the reply, which is `crypto.timestamping`'s work.
"""

import http.client
from dataclasses import dataclass
from urllib.parse import urlsplit

from crypto.errors import TimeTokenRefused
from crypto.timestamping import MAX_REPLY_BYTES

_QUERY, _REPLY = "application/timestamp-query", "application/timestamp-reply"


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpTransport:
    """One authority; `url` is http or https, `timeout` in seconds."""

    url: str
    timeout: float = 15.0

    def __call__(self, request: bytes) -> bytes:
        """Post the request and return the body of a 200; raises TimeTokenRefused."""
        parts = urlsplit(self.url)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        connection = kind(parts.hostname or "", parts.port, timeout=self.timeout)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        try:
            connection.request("POST", path, request, {"Content-Type": _QUERY, "Accept": _REPLY})
            answer = connection.getresponse()
            body = answer.read(MAX_REPLY_BYTES + 1)
        except (OSError, http.client.HTTPException):
            raise TimeTokenRefused(f"{self.url} did not answer") from None
        finally:
            connection.close()
        if answer.status != http.client.OK or answer.headers.get_content_type() != _REPLY:
            raise TimeTokenRefused(f"{self.url} answered {answer.status} and no time stamp")
        return body
