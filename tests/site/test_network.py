"""Pages of the coalition's server: what is promised beside what is so, and nothing that its reader may not see."""

import json
from datetime import date

import pytest

from sisterport.network.ledger import open_ledger
from sisterport.network.records import commitment_body
from sisterport.site import network
from tests.network.book import VALUE, Book, make_book
from tests.site.page_reader import Page

DAY = date(2026, 11, 1)
READERS = ("USLAX", "CNSGH", "DEHAM", "public")


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    """A promise of what is used and one of what is capable, values, and a private draft."""
    folder = tmp_path_factory.mktemp("pages")
    made = make_book(folder)
    for indicator, mode in (("I7", "used"), ("I6", "capable")):
        body = commitment_body(indicator, text=f"<b>plug</b> in, {mode}", target=0.8, due="2026-12-31", mode=mode,
                               corridor="K01", ports=["USLAX"])  # fmt: skip
        made.publish("anna", "ben", "commitment", body, visibility="public")
    made.publish("anna", "ben", "indicator", VALUE, visibility="public")
    secret = commitment_body("I7", text="secret draft", target=0.9, due="2026-12-31", mode="used", ports=["USLAX"])
    made.say("anna", "commitment", secret, visibility="private")
    made.say("li", "head", visibility="public")
    made.ledger.close()
    with open_ledger(folder / "network.db") as ledger:
        yield Book(ledger, made.keys, folder)


def shown(book, address, reader="public"):
    return network.SHOW[address](book.ledger, reader, on=DAY)


def html(book, address, reader="public"):
    return network.as_html(shown(book, address, reader), address, "Test").decode()


@pytest.mark.parametrize("address", network.PAGES)
@pytest.mark.parametrize("reader", READERS)
def test_each_page_is_whole_and_needs_nothing_else(book, address, reader):
    text = html(book, address, reader)
    page = Page(text)
    assert (page.faults, page.loads) == ([], [])
    assert "<script" not in text
    assert "secret draft" not in text
    assert text.count('aria-current="page"') == 1
    json.loads(network.as_json(shown(book, address, reader)))


def test_capable_stands_beside_used_and_a_missing_baseline_is_said(book):
    text = html(book, "/commitments")
    assert "no baseline published" in text
    assert "0.62 (2026-05)" in text
    assert "I7: 0.62 (2026-05)" in text  # beside the promise of what is capable
    assert "none published" in text
    rows = json.loads(network.as_json(shown(book, "/commitments")))["commitments"]
    assert [(row["mode"], row["value"], row["beside_value"]) for row in rows] == [
        ("used", 0.62, None),
        ("capable", None, 0.62),
    ]
    assert {row["baseline_finding"] for row in rows} == {"no baseline published"}


def test_what_members_write_is_text_and_no_markup(book):
    text = html(book, "/commitments")
    assert "&lt;b&gt;plug&lt;/b&gt; in, used" in text
    assert "<b>plug" not in text


def test_an_entry_is_shown_to_who_may_see_it_only(book):
    entries = list(book.ledger.standing.entries.values())
    draft = next(entry for entry in entries if entry.visibility == "private")
    assert network.one(book.ledger, "USLAX", draft.seq).data["body"]["text"] == "secret draft"
    for reader in ("CNSGH", "DEHAM", "public"):
        assert network.one(book.ledger, reader, draft.seq) is None
    assert network.one(book.ledger, "USLAX", len(entries) + 1) is None
    promise = next(entry for entry in entries if entry.kind == "commitment")
    found = network.one(book.ledger, "CNSGH", promise.seq)
    assert found.data["state"] == "published"
    assert [book.ledger.standing.entries[e.entry_id].kind for e in entries if e.seq in found.data["about"]] == [
        "submit", "approve", "publish"]  # fmt: skip
    text = network.as_html(found, f"/entries/{promise.seq}", "Test").decode()
    assert Page(text).faults == []
    assert promise.hash in text


def test_links_of_a_page_lead_to_entries_that_its_reader_may_see(book):
    for reader in READERS:
        rows = shown(book, "/head", reader).data["entries"]
        assert rows
        for row in rows:
            assert network.one(book.ledger, reader, row["entry"]) is not None
            assert f'href="/entries/{row["entry"]}"' in html(book, "/head", reader)


def test_the_head_is_the_one_of_the_chain(book):
    data = shown(book, "/head").data
    assert (data["seq"], data["hash"]) == book.ledger.standing.head
    assert data["vouchers"]["CNSGH"] == data["seq"] - 1


def test_what_is_copied_wrongly_elsewhere_is_said_right(book):
    text = html(book, "/ports")
    assert "11 of 23 sourced here; not confirmed as friendly ports: Busan, Gothenburg, Los Angeles" in text
    assert "names only" in html(book, "/corridors")


def test_an_empty_ledger_has_pages_too(tmp_path):
    made = make_book(tmp_path)
    for address in network.PAGES:
        assert Page(html(made, address)).faults == []
    made.ledger.close()
