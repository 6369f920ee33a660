"""Pages of the server for people, each also as JSON; what they show is made in `sisterport.site.network`."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from sisterport.network.ledger import Ledger
from sisterport.site import network
from sisterport.site.api.problems import not_found, responses
from sisterport.site.api.server import JSON, kept_out, server_of

ROUTER = APIRouter(tags=["pages"])
HTML = "text/html; charset=utf-8"
_MOST = 2**31 - 1
_READ = ("unauthorized", "forbidden", "too-many", "away")
Make = Callable[[Ledger, str], network.Shown | None]
Number = Annotated[int, Path(ge=1, le=_MOST, description="Number of the entry.")]


def _answer(request: Request, make: Make, *, address: str, html: bool) -> Response:
    """Return a page as its reader may see it; it is made anew when the ledger has grown or the day is over."""
    caller = server_of(request).gate.admit(request, "read", anybody=True)

    def made(ledger: Ledger, reader: str) -> bytes:
        shown = make(ledger, reader)
        if shown is None:
            raise not_found()
        return network.as_html(shown, address, ledger.standing.coalition) if html else network.as_json(shown)

    today = datetime.now(UTC).date()
    return kept_out(request, caller, made, today, media_type=HTML if html else JSON)


def _add(address: str, name: str) -> None:
    """Add a page and its JSON."""

    def shown(ledger: Ledger, reader: str) -> network.Shown:
        return network.SHOW[address](ledger, reader, on=datetime.now(UTC).date())

    def page(request: Request) -> Response:
        return _answer(request, shown, address=address, html=True)

    def data(request: Request) -> Response:
        return _answer(request, shown, address=address, html=False)

    for place, function, media_type in ((address, page, "text/html"), (network.json_address(address), data, JSON)):
        said = {200: {"description": name, "content": {media_type: {}}}} | responses(*_READ)
        ROUTER.add_api_route(place, function, summary=name, responses=said, response_class=Response)


for _address, _name in network.PAGES.items():
    _add(_address, _name)
_ONE = {200: {"description": "The entry"}} | responses(*_READ, "not-found", "invalid")


@ROUTER.get("/entries/{seq}.json", summary="One entry", responses=_ONE)
def entry_json(request: Request, seq: Number) -> Response:
    """Show one entry as JSON."""
    return _answer(request, lambda ledger, reader: network.one(ledger, reader, seq), address="", html=False)


@ROUTER.get("/entries/{seq}", summary="One entry", responses=_ONE, response_class=Response)
def entry(request: Request, seq: Number) -> Response:
    """Show one entry; one that the caller may not see is answered as one that is not there."""
    make = lambda ledger, reader: network.one(ledger, reader, seq)  # noqa: E731
    return _answer(request, make, address=f"/entries/{seq}", html=True)
