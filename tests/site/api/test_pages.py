"""Pages as a browser gets them from the real server."""

import json

import pytest

from sisterport.network.ledger import open_ledger
from sisterport.network.tokens import issue
from sisterport.site import network
from tests.network.book import PROMISE, make_book
from tests.site.api.in_thread import running
from tests.site.page_reader import Page


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    made = make_book(folder)
    made.publish("anna", "ben", "commitment", PROMISE, visibility="coalition")
    made.say("anna", "commitment", PROMISE | {"text": "secret draft"}, visibility="private")
    secrets = {
        port: issue(made.ledger, port=port, user="robot", scopes=["read"])[1] for port in ("USLAX", "CNSGH", "DEHAM")
    }
    made.ledger.close()
    with running(folder / "network.db") as server:
        yield server, {port: {"Authorization": f"Bearer {secret}"} for port, secret in secrets.items()}, folder


@pytest.mark.parametrize("address", network.PAGES)
def test_pages_stand_there_for_everybody_as_html_and_as_json(place, address):
    server, _, _ = place
    page = server.ask(address)
    assert (page.status, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    found = Page(page.body.decode())
    assert (found.faults, found.loads) == ([], [])
    data = server.ask(network.json_address(address))
    assert (data.status, data.headers["Content-Type"]) == (200, "application/json")
    assert isinstance(data.json, dict)


def test_a_page_shows_what_its_reader_may_see(place):
    server, headers, _ = place
    assert server.ask("/commitments.json").json["commitments"] == []
    for port in ("USLAX", "CNSGH", "DEHAM"):
        assert len(server.ask("/commitments.json", **headers[port]).json["commitments"]) == 1
        seen = b"secret draft" in server.ask("/entries/10.json", **headers[port]).body
        assert seen == (port == "USLAX")
    assert b"plug in" in server.ask("/entries/6", **headers["CNSGH"]).body


@pytest.mark.parametrize("number", ["6", "10", "999", "6.json", "2147483647"])
def test_what_may_not_be_seen_and_what_is_not_there_look_the_same(place, number):
    server, _, _ = place
    assert server.ask(f"/entries/{number}").status == 404
    told = [server.ask(path).json for path in (f"/entries/{number}", "/entries/999")]
    assert {name: told[0][name] for name in ("type", "title", "status", "detail")} == {
        name: told[1][name] for name in ("type", "title", "status", "detail")}  # fmt: skip


@pytest.mark.parametrize("number", ["0", "-1", "x", "9999999999999999999999", "%00"])
def test_what_is_no_number_is_refused(place, number):
    server, _, _ = place
    assert server.ask(f"/entries/{number}").status in (404, 422)


def test_a_page_that_did_not_change_is_not_sent_again(place):
    server, headers, folder = place
    first = server.ask("/head", **headers["CNSGH"])
    again = server.ask("/head", **headers["CNSGH"], If_None_Match=first.headers["ETag"])
    assert (again.status, again.body) == (304, b"")
    other = server.ask("/head", **headers["USLAX"], If_None_Match=first.headers["ETag"])
    assert other.status == 200  # sees more
    with open_ledger(folder / "network.db") as book:
        assert json.loads(server.ask("/head.json").body)["seq"] == book.standing.seq


def test_a_bad_token_is_not_anybody(place):
    server, _, _ = place
    assert server.ask("/", Authorization="Bearer nonsense").status == 401
