"""PACT 3.0.3 and iLEAP 1.0.0 as functions from request to response: list, get, events, transport activities.

A server gives them what its storage holds and the sender may see; who the sender is says `pact_auth`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from sisterport.errors import did_you_mean
from sisterport.exchange.http import Request, Response, cursor, read_cursor, whole_number
from sisterport.exchange.objects import moment, shown
from sisterport.exchange.pact import validity

PAGE = 100
"""Most items on a page unless the caller says otherwise."""
STATUSES = {"BadRequest": 400, "TokenExpired": 401, "AccessDenied": 403, "NotFound": 404, "NotImplemented": 400,
            "InternalError": 500}  # fmt: skip
"""Status of each error code."""
FILTERS = ("productId", "companyId", "geography", "classification", "validOn", "validAfter", "validBefore", "status")
_TIMES = ("validOn", "validAfter", "validBefore")
_PLACES = ("geographyRegionOrSubregion", "geographyCountry", "geographyCountrySubdivision")

Item = Mapping[str, Any]


def error(code: str, message: str, *, status: int | None = None) -> Response:
    """Return an error of PACT.

    Examples
    --------
    >>> error("NotFound", "no such footprint")
    Response(status=404, body={'code': 'NotFound', 'message': 'no such footprint'}, headers={})
    """
    return Response(status=status or STATUSES[code], body={"code": code, "message": message})


def list_footprints(request: Request, footprints: Iterable[Item], *, base_url: str, page: int = PAGE) -> Response:
    """Return the answer to ``GET /3/footprints``.

    Parameters
    ----------
    request
        The request; `FILTERS` (a repeated one is met by any of its values, different ones must all be met, text in
        any case), ``limit``.
    footprints
        Those that the sender may see.
    base_url
        Of this server, for the link to the next page: ``https://host/pact``.
    page
        Most footprints on a page.

    Examples
    --------
    >>> list_footprints(Request(query="status=Gone"), [], base_url="https://port.example").body["code"]
    'BadRequest'
    >>> list_footprints(Request(), [], base_url="https://port.example").body
    {'data': []}
    """
    asked = request.parameters()
    names = [*FILTERS, "limit", "cursor"]
    for name, texts in asked.items():
        if name.startswith("x-") and name not in names:
            return error("NotImplemented", f"{shown(name)} is no filter here")
        if name not in names:
            return error("BadRequest", f"{shown(name)} is no parameter{did_you_mean(name[:60], names)}")
        if name in _TIMES and (len(texts) > 1 or moment(texts[0]) is None):
            return error("BadRequest", f"{name}: {shown(texts[0])} is no time with an offset, given once")
    if any(text.lower() not in {"active", "deprecated"} for text in asked.get("status", [])):
        return error("BadRequest", "status is Active or Deprecated")
    return _page(request, [one for one in footprints if matches(one, asked)], "id", base_url, page)


def matches(found: Item, asked: Mapping[str, Sequence[str]]) -> bool:
    """Say whether a footprint meets filters.

    Parameters
    ----------
    found
        A footprint that keeps to the standard.
    asked
        Values by the names in `FILTERS`; other names do not count.

    Notes
    -----
    validOn: the time is in the validity period. validAfter: the period starts after the time. validBefore: it ends
    before the time.
    """
    pcf = found.get("pcf", {})
    told = {
        "productId": found.get("productIds", []),
        "companyId": found.get("companyIds", []),
        "geography": [pcf[name] for name in _PLACES if name in pcf],
        "classification": found.get("productClassifications", []),
        "status": [found.get("status", "")],
    }
    for name, own in told.items():
        wanted = {text.lower() for text in asked.get(name, ())}
        if wanted and not wanted & {text.lower() for text in own}:
            return False
    times = {name: time for name in _TIMES if name in asked and (time := moment(asked[name][0]))}
    return not times or _valid(*validity(found), times)


def _valid(first: datetime, last: datetime, times: Mapping[str, datetime]) -> bool:
    tests = {
        "validOn": lambda time: first <= time <= last,
        "validAfter": lambda time: first > time,
        "validBefore": lambda time: last < time,
    }
    return all(tests[name](time) for name, time in times.items())


def get_footprint(identifier: str, find: Callable[[str], Item | None]) -> Response:
    """Return the answer to ``GET /3/footprints/{id}``.

    Parameters
    ----------
    identifier
        The id, in any case.
    find
        Returns a footprint by its id in small letters, or None where there is none that the sender may see: the
        answer does not tell a hidden one from one that is not there. Deprecated ones are given too.

    Examples
    --------
    >>> get_footprint("0b1", {}.get).status
    404
    """
    found = find(identifier.lower())
    return error("NotFound", "no such footprint") if found is None else Response(status=200, body={"data": found})


def list_activities(request: Request, activities: Iterable[Item], *, base_url: str, page: int = PAGE) -> Response:
    """Return the answer to ``GET /2/ileap/tad`` of iLEAP 1.0.0.

    Parameters
    ----------
    request
        The request; any field of a TAD whose value is text filters, ``limit``.
    activities
        Transport activities that the sender may see.
    base_url, page
        As in `list_footprints`.

    Examples
    --------
    >>> found = list_activities(Request(query="mode=Sea"), [{"activityId": "l1", "mode": "Sea"}], base_url="https://p.org")
    >>> [one["activityId"] for one in found.body["data"]]
    ['l1']
    """
    asked = {name: texts for name, texts in request.parameters().items() if name not in {"limit", "cursor"}}
    kept = [one for one in activities if all(_text(one.get(name)) & set(texts) for name, texts in asked.items())]
    return _page(request, kept, "activityId", base_url, page)


def _text(value: Any) -> set[str]:
    return {part for part in (value if isinstance(value, list) else [value]) if isinstance(part, str)}


def _page(request: Request, items: Sequence[Item], key: str, base_url: str, page: int) -> Response:
    """Return a page in the order of ids, with a link to the next one that holds for as long as the items do."""
    asked = request.parameters()
    limit = whole_number(asked["limit"]) if "limit" in asked else page
    if limit is None:
        return error("BadRequest", "limit is a whole number from 1")
    after = read_cursor(asked["cursor"][0], 1) if "cursor" in asked else None
    if "cursor" in asked and after is None:
        return error("BadRequest", "no such page: follow the link of the page before")
    left = sorted((one for one in items if after is None or one[key] > after[0]), key=lambda one: str(one[key]))
    size = min(limit, page)
    headers = {}
    if len(left) > size:
        again = [(name, text) for name, texts in asked.items() if name != "cursor" for text in texts]
        query = urlencode([*again, ("cursor", cursor([left[size - 1][key]]))])
        headers["Link"] = f'<{base_url}{request.path}?{query}>; rel="next"'
    return Response(status=200, body={"data": list(left[:size])}, headers=headers)
