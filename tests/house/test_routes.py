"""Every route of both surfaces says who may use it, and is refused to everybody else, method by method."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from flask import Flask
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from app.domain.access import Permission, Role, may
from app.domain.errors import NotPermitted
from app.http.access import PUBLIC, check_declared, rule_of
from app.http.csrf import SAFE_METHODS
from app.http.surface import Surface
from app.services.people import accounts
from app.services.people.accounts import ChangeAccount
from tests.support.device import enrol
from tests.support.installation import PEOPLE, Browser, Installation, installed

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
# What anybody may see of the people surface; a new one must be added here on purpose.
PUBLIC_PEOPLE = {"static", "health.healthz", "login.show", "login.sign_in", "login.set_locale"}
PUBLIC_DEVICES = {"health.healthz", "api_health.health", "document"}
# Nobody's objects: what a permitted request does is for other tests, here it must only be let through.
EXAMPLES = {"code": "ZK000000005VN", "index": "0", "filename": "css/app.css"}
NOBODY = "999"


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One rule of a URL map with example values in it."""

    endpoint: str
    path: str
    methods: frozenset[str]
    rule: Permission | str | None


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with installed(tmp_path_factory.mktemp("routes")) as installation:
        yield installation


def _routes(app: Flask) -> list[Route]:
    return [_route(app, rule) for rule in app.url_map.iter_rules()]


def _route(app: Flask, rule: Rule) -> Route:
    values = {name: EXAMPLES.get(name, NOBODY) for name in rule.arguments}
    path = app.url_map.bind("localhost").build(rule.endpoint, values)
    return Route(
        endpoint=rule.endpoint,
        path=path,
        methods=frozenset(rule.methods or ()) - {"OPTIONS"},
        rule=rule_of(app.view_functions[rule.endpoint]),
    )


def _send(browser: Browser, route: Route, method: str, *, token: str | None) -> TestResponse:
    headers = browser.own({"Sec-Fetch-Dest": "empty"})
    data = {"csrf_token": token} if token and method not in SAFE_METHODS else None
    return browser.client.open(
        route.path, method=method, base_url=browser.origin, headers=headers, data=data, buffered=True
    )


@pytest.mark.parametrize(
    ("surface", "public"), [(Surface.PEOPLE, PUBLIC_PEOPLE), (Surface.DEVICES, PUBLIC_DEVICES)]
)
def test_every_route_declares_who_may_use_it(house: Installation, surface: Surface, public: set[str]) -> None:
    routes = _routes(house.app(surface))
    assert len(routes) > 4
    assert not [route.endpoint for route in routes if route.rule is None]
    assert {route.endpoint for route in routes if route.rule == PUBLIC} == public


def test_an_undeclared_route_stops_the_start() -> None:
    app = Flask(__name__)
    app.add_url_rule("/open", "open", lambda: "secret")
    with pytest.raises(RuntimeError, match="open"):
        check_declared(app)


def test_options_and_undeclared_methods_reach_no_view(house: Installation) -> None:
    """A route answers the methods it lists and no others, for everybody."""
    app = house.app(Surface.PEOPLE)
    browser = house.browser()
    token = browser.token("/login")
    for route in _routes(app):
        for method in set(METHODS) - route.methods:
            shared = any(
                other.path == route.path and method in other.methods
                for other in _routes(app)
                if other != route
            )
            if not shared:
                assert _send(browser, route, method, token=token).status_code == 405, (route, method)


def test_strangers_get_nothing_but_the_public_pages(house: Installation) -> None:
    browser = house.browser()
    token = browser.token("/login")
    for route in _routes(house.app(Surface.PEOPLE)):
        # A login without a name is a wrong login, and says 401 for that.
        for method in route.methods if route.endpoint != "login.sign_in" else ():
            status = _send(browser, route, method, token=token).status_code
            assert (status == 401) == (route.rule != PUBLIC), (route, method, status)


@pytest.mark.parametrize("role", Role)
def test_each_role_gets_exactly_what_its_permissions_say(house: Installation, role: Role) -> None:
    browser = house.browser(house.by_role(role))
    token = browser.token()
    for route in _routes(house.app(Surface.PEOPLE)):
        if route.rule == PUBLIC or route.endpoint == "login.sign_out":
            continue
        for method in sorted(route.methods):
            status = _send(browser, route, method, token=token).status_code
            allowed = may(role, Permission(str(route.rule)))
            assert (status == 403) == (not allowed), (role, route, method, status)
            assert status < 500, (role, route, method, status)


def test_every_unsafe_route_needs_its_token(house: Installation) -> None:
    browser = house.browser(house.by_role(Role.FOCAL_POINT))
    foreign = house.browser().token("/login")
    for route in _routes(house.app(Surface.PEOPLE)):
        for method in route.methods - SAFE_METHODS:
            for token in (None, "forged", foreign):
                answer = _send(browser, route, method, token=token)
                assert answer.status_code == 403, (route, method, token)
                assert answer.json is not None
                assert answer.json["error"]["code"] == "csrf"


def test_every_unsafe_route_refuses_another_site(house: Installation) -> None:
    browser = house.browser(house.by_role(Role.FOCAL_POINT))
    data = {"csrf_token": browser.token()}
    for route in _routes(house.app(Surface.PEOPLE)):
        for method in route.methods - SAFE_METHODS:
            for hostile in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "http://evil.example"}):
                headers = {"Sec-Fetch-Dest": "empty", **hostile}
                answer = browser.client.open(route.path, method=method, headers=headers, data=data)
                assert answer.status_code == 403, (route, method, hostile)
                assert answer.json is not None
                assert answer.json["error"]["code"] == "cross_site"


def test_no_safe_method_is_handled_by_a_view_that_also_changes(house: Installation) -> None:
    """A GET must not share its view with a POST: the guard of one would be the guard of the other."""
    for surface in Surface:
        for route in _routes(house.app(surface)):
            assert not (route.methods & SAFE_METHODS and route.methods - SAFE_METHODS), route


def test_a_disabled_person_is_a_stranger_at_the_next_request(house: Installation) -> None:
    browser = house.browser("dung")
    assert browser.get("/").status_code == 200
    form = {"full_name": "Phạm Thị Dung", "position": "", "role": "clerk", "unit": "24.P01"}
    change = ChangeAccount(user=house.actors["dung"].user, untrusted=form, active=False)
    house.runtime.write(accounts.change_account, change, actor=house.actors["khanh"])
    try:
        for route in _routes(house.app(Surface.PEOPLE)):
            for method in route.methods:
                if route.rule != PUBLIC and method in SAFE_METHODS:
                    assert _send(browser, route, method, token=None).status_code == 401, route
        assert browser.log_in("dung").status_code == 401
    finally:
        again = ChangeAccount(user=change.user, untrusted=form, active=True)
        house.runtime.write(accounts.change_account, again, actor=house.actors["khanh"])


def test_strangers_and_wrong_roles_get_nothing_from_the_device_surface(house: Installation) -> None:
    client = house.app(Surface.DEVICES).test_client()
    for route in _routes(house.app(Surface.DEVICES)):
        for method in route.methods:
            for header in ({}, {"Authorization": "Bearer " + "A" * 43}, {"Authorization": "Basic YTpi"}):
                status = client.open(route.path, method=method, headers=header).status_code
                assert (status == 401) == (route.rule != PUBLIC), (route, method, status)


@pytest.mark.parametrize("role", [role for role in Role if may(role, Permission.ENROL_OWN_DEVICE)])
def test_each_role_with_a_device_gets_exactly_what_its_permissions_say(
    house: Installation, role: Role
) -> None:
    device = enrol(house, house.by_role(role))
    routes = _routes(house.app(Surface.DEVICES))
    for route in routes:
        if route.rule == PUBLIC:
            continue
        allowed = may(role, Permission(str(route.rule)))
        elsewhere = {method for other in routes if other.path == route.path for method in other.methods}
        for method in set(METHODS) - (elsewhere - route.methods):
            answer = device.client.open(route.path, method=method, headers=device.headers)
            if method not in route.methods:
                assert answer.status_code == 405, (role, route, method)
                continue
            assert (answer.status_code == 403) == (not allowed), (role, route, method, answer.status_code)
            assert answer.status_code < 500, (role, route, method)


@pytest.mark.parametrize("role", [role for role in Role if not may(role, Permission.ENROL_OWN_DEVICE)])
def test_a_role_that_carries_nothing_gets_no_device(house: Installation, role: Role) -> None:
    with pytest.raises(NotPermitted):
        enrol(house, house.by_role(role))


def test_there_is_one_person_for_every_role() -> None:
    assert {role for _, _, role, _ in PEOPLE} == set(Role)
