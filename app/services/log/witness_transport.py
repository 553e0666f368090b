"""Carries a request to one witness (C2SP tlog-witness) over HTTP and its answer back.

The witness is the one the policy names: this never follows a redirect to another, never reads more than an
answer can hold, never waits longer than its time-out for a byte, and never judges the answer.
"""

import http.client
from dataclasses import dataclass
from urllib.parse import urlsplit

MAX_ANSWER_BYTES = 64 * 1024


class WitnessSilent(Exception):  # noqa: N818  # named after what it says
    """The witness cannot be reached, or does not speak the protocol; the message says which."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a witness answered, in form; nothing in it is verified."""

    status: int
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpTransport:
    """Reaches witnesses over http and https; `timeout` in seconds."""

    timeout: float = 15.0

    def __call__(self, url: str, request: bytes) -> Answer:
        """Post to `<url>/add-checkpoint`; raises WitnessSilent."""
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise WitnessSilent(f"{url} is no http or https address")
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        try:
            connection = kind(parts.hostname, parts.port, timeout=self.timeout)
        except ValueError:
            raise WitnessSilent(f"{url} names no port") from None
        path = f"{parts.path.rstrip('/')}/add-checkpoint"
        try:
            connection.request("POST", path, request, {"Content-Type": "text/plain; charset=utf-8"})
            answer = connection.getresponse()
            body = answer.read(MAX_ANSWER_BYTES + 1)
        except (OSError, http.client.HTTPException) as error:
            raise WitnessSilent(f"no answer: {str(error) or type(error).__name__}") from None
        finally:
            connection.close()
        if len(body) > MAX_ANSWER_BYTES:
            raise WitnessSilent(f"an answer is at most {MAX_ANSWER_BYTES} bytes")
        return Answer(status=answer.status, body=body)
