"""The device surface over a town's own database, and a walk over everything that it answers to a GET.

The walk knows no route by name: it takes them from the surface, and their questions from its OpenAPI
document. A parameter that nobody gave examples for stops it, so that a new route is walked or says why not.
"""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from itertools import product
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from app.factory import create_app, settings_of
from app.http.access import PUBLIC, rule_of
from app.http.surface import Surface
from app.runtime import Outside, Runtime
from app.services.people import devices
from app.services.people.devices import EnrolDevice, challenge_text
from app.storage.engine import make_engines
from config import Config
from crypto.canonical import JsonValue
from crypto.digest import b64encode
from crypto.keys import generate_signing_key
from tests.support.databases import Database
from tests.support.publishing import published_log
from tests.support.shift_town import ShiftTown

# How many numbers of incidents, questions and the like are tried: more than a town of a test has of any.
NUMBERS = tuple(str(number) for number in range(1, 13))


class TownApi:
    """See the module; :func:`town_api` opens and closes one."""

    def __init__(self, town: ShiftTown, database: Database, folder: Path) -> None:
        self._town = town
        config = Config(data_dir=folder, origin=town.tools.origin)
        self.runtime = Runtime(
            settings=settings_of(config),
            tools=town.tools,
            published=published_log(folder / "published"),
            outside=Outside(),
            engines=make_engines(database),
            clock=town.clock,
            web_secret=bytes(32),
        )
        self._app = create_app(config, Surface.DEVICES, self.runtime)
        self._tokens: dict[str, str] = {}

    def get(self, name: str, path: str, *, locale: str = "vi") -> TestResponse:
        """Ask as a person's device."""
        headers = {**self._headers(name), "Accept-Language": locale}
        return self._app.test_client().get(path, headers=headers)

    def post(self, name: str, path: str, body: JsonValue = None) -> TestResponse:
        """Send JSON as a person's device."""
        sent = {} if body is None else {"json": body}
        return self._app.test_client().post(path, headers=self._headers(name), **sent)

    def walk(self, name: str, codes: Collection[str]) -> dict[str, tuple[str, TestResponse]]:
        """Return every GET with every example, by its path: the rule's own path, and the answer."""
        found: dict[str, tuple[str, TestResponse]] = {}
        for rule in self.rules():
            for path in self._paths(rule, codes):
                found[path] = (str(rule), self.get(name, path))
        return found

    def rules(self) -> list[Rule]:
        """Return every route that answers a GET to somebody who is known."""
        return [
            rule
            for rule in self._app.url_map.iter_rules()
            if "GET" in (rule.methods or ()) and rule_of(self._app.view_functions[rule.endpoint]) != PUBLIC
        ]

    def _paths(self, rule: Rule, codes: Collection[str]) -> Iterator[str]:
        adapter = self._app.url_map.bind("localhost")
        documented = self._app.test_client().get("/api/v1/openapi.json").json
        assert documented is not None
        operation = documented["paths"][str(rule).replace("<", "{").replace(">", "}")]["get"]
        questions = {
            one["name"]: self._examples(one, codes)
            for one in operation.get("parameters", ())
            if one["in"] == "query"
        }
        names = sorted(rule.arguments)
        for values in product(*(self._values(name, codes) for name in names)):
            path = adapter.build(rule.endpoint, dict(zip(names, values, strict=True)))
            for asked in product(*questions.values()):
                query = {name: value for name, value in zip(questions, asked, strict=True) if value != ""}
                yield f"{path}?{urlencode(query)}" if query else path

    def _examples(self, parameter: Mapping[str, Any], codes: Collection[str]) -> tuple[str, ...]:
        """Return what a question may be asked with; "" leaves it out."""
        shape = parameter["schema"]
        listed = [one for part in (shape, *shape.get("anyOf", ())) for one in part.get("enum", ())]
        if listed:
            return ("", *listed)
        if any(part.get("type") == "boolean" for part in (shape, *shape.get("anyOf", ()))):
            return ("", "true")
        return self._values(parameter["name"], codes)

    def _values(self, name: str, codes: Collection[str]) -> tuple[str, ...]:
        people = tuple(self._town.people)
        known = {
            "code": tuple(sorted(codes)),
            "closing": tuple(sorted(codes)),
            "incident": NUMBERS,
            "value": ("", *people, *self._town.units, *sorted(codes)),
            # What is asked for the middle of a list or of the past shows no more than its beginning and now.
            "before": ("",),
            "after": ("",),
            "page": ("",),
            "at": ("",),
            "office": ("", *self._town.units),
        }
        assert name in known, f"say with which examples the parameter {name} is to be walked"
        return known[name]

    def _headers(self, name: str) -> dict[str, str]:
        if name not in self._tokens:
            key, actor = generate_signing_key(), self._town.people[name].actor
            public = key.public_key.to_text()
            challenge = challenge_text(self._town.tools.origin, actor.user, public)
            command = EnrolDevice(
                untrusted_name="Máy quét",
                untrusted_public_key=public,
                untrusted_signature=b64encode(key.sign(challenge)),
            )
            self._tokens[name] = self._town.use(devices.enrol, command, by=name).token
        return {"Authorization": f"Bearer {self._tokens[name]}"}


@contextmanager
def town_api(town: ShiftTown, database: Database, folder: Path) -> Iterator[TownApi]:
    """Open the surface over the town's database for a test."""
    api = TownApi(town, database, folder)
    try:
        yield api
    finally:
        api.runtime.close()
