"""How much of a leg or a stay FuelEU Maritime and the EU ETS count, by the ports at its ends."""

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

import polars as pl

from sisterport.errors import InputError, ReferenceDataError, choose, did_you_mean
from sisterport.reference import load, resolve_locode
from sisterport.rules.clauses import clause, worst
from sisterport.rules.transhipment import BERTH, ports_of_call
from sisterport.tables.frames import to_polars

REGULATIONS = {"fueleu": "fueleu_rules", "ets": "eu_ets_maritime"}
__all__ = ["BERTH", "EFTA", "REGULATIONS", "Place", "Scope", "country_row", "place", "scope_share", "scope_shares"]
EFTA = ("table", "member", "third")
"""Norway and Iceland: as the table says for the year, or as members, or as third countries."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Share of a leg or a stay that counts, and why.

    Attributes
    ----------
    share : float
        1, 0.5 or 0; None where a port is not known.
    reason : str
        In words.
    clause, status : str
        Where the law says so, and the worst status of the rows that were used.
    rows : tuple of str
        The rows of the reference tables.
    """

    share: float | None
    reason: str
    clause: str
    status: str
    rows: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What a regulation takes a port for in a year."""

    code: str
    country: str
    member: bool
    member_state: str
    outermost: bool
    said: str
    statuses: tuple[str, ...]
    rows: tuple[str, ...]


@cache
def place(code: str, year: int, regulation: str, *, efta: str = "table") -> Place:
    """Return what a regulation takes a port for in a year: its country, member or not, outermost region or not.

    Parameters
    ----------
    code
        UN/LOCODE, or a country code of two letters.
    year
        Reporting period; membership is that of its last day.
    regulation
        ``fueleu`` or ``ets``.
    efta
        See `scope_share`.

    Raises
    ------
    ReferenceDataError
        If there is no such country or port.

    Examples
    --------
    >>> place("ESLPA", 2026, "fueleu").outermost, place("GBFXT", 2026, "ets").member
    (True, False)
    """
    plain = re.sub(r"\s", "", code).upper()
    if not re.fullmatch(r"[A-Z]{2}([A-Z0-9]{3})?", plain):
        plain = resolve_locode(code)
    country = plain[:2]
    row = country_row(country, year)
    member, said = row["eea"] == "yes", row["name"]
    statuses, rows = [row["status"]], [f"eea_countries: {country}"]
    third = _special("third_country", (country,), year, regulation)
    if member and row["eu"] == "no" and (efta == "third" or (efta == "table" and third)):
        member, said = False, f"{said} (not yet in {regulation})"
        if third:
            statuses.append(third["status"])
            rows.append(f"special_ports: third_country {country} {regulation}")
    outermost = _special("outermost", (plain, country), year, regulation)
    if member and outermost:
        statuses.append(outermost["status"])
        rows.append(f"special_ports: outermost {outermost['code']}")
    return Place(
        code=plain,
        country=country,
        member=member,
        member_state=row["member_state"] or "",
        outermost=member and outermost is not None,
        said=said,
        statuses=tuple(statuses),
        rows=tuple(rows),
    )


def _in_year(table: pl.DataFrame, year: int) -> pl.DataFrame:
    day = f"{year}-12-31"
    return table.filter(
        pl.col("valid_from").is_null() | (pl.col("valid_from") <= day),
        pl.col("valid_to").is_null() | (pl.col("valid_to") >= day),
    )


def country_row(country: str, year: int) -> dict[str, Any]:
    """Return the row of ``eea_countries`` for a country on the last day of a year.

    Raises
    ------
    ReferenceDataError
        If there is no such country.

    Examples
    --------
    >>> country_row("GB", 2020)["eea"], country_row("GB", 2021)["eea"]
    ('yes', 'no')
    """
    table = load("eea_countries")
    known = table.filter(pl.col("country") == country)
    if known.is_empty():
        raise ReferenceDataError(f"no country '{country}'{did_you_mean(country, table['country'].unique().to_list())}")
    now = _in_year(known, year)
    if now.is_empty():
        raise ReferenceDataError(f"eea_countries has no row for {country} in {year}")
    return now.row(0, named=True)


def _special(kind: str, codes: tuple[str, ...], year: int, regulation: str) -> dict[str, Any] | None:
    table = load("special_ports").filter(
        pl.col("kind") == kind,
        pl.col("code").is_in(codes),
        pl.col("regulation").str.split("|").list.contains(regulation),
    )
    now = _in_year(table, year)
    return None if now.is_empty() else now.row(0, named=True)


def scope_share(
    from_locode: str | None,
    to_locode: str | None,
    year: int,
    regulation: str,
    *,
    efta: str = "table",
    outermost_derogation: bool = False,
) -> Scope:
    """Return the share of a leg's, or of a stay's, energy or emissions that a regulation counts.

    Stops of container ships in a listed transhipment port are no port of call: give the ports before and after, or
    use `scope_shares`, which looks for them.

    Parameters
    ----------
    from_locode, to_locode
        Ports of call at the ends, UN/LOCODEs or country codes. ``"berth"`` as the second is a stay in the first;
        None is a port that is not known.
    year
        Reporting period.
    regulation
        ``fueleu`` or ``ets``.
    efta
        Norway and Iceland. ``table`` (default): third countries under FuelEU since 2025, as it is not yet part of the
        EEA Agreement (Norwegian Maritime Authority; the end is open), members under the ETS. ``member`` or ``third``
        says otherwise.
    outermost_derogation
        Leave out what the ETS exempts until 2030 between an outermost region and its own Member State (unverified,
        so not by default; stays there are not touched). FuelEU's exemptions must be notified for named ports and are
        not applied.

    Raises
    ------
    ReferenceDataError
        If the regulation has no row for the year, or a port's country is not known.
    MethodError
        If the regulation is unknown.

    References
    ----------
    Regulation (EU) 2023/1805 Art 2(1); Directive 2003/87/EC Art 3ga.

    Examples
    --------
    >>> scope_share("SGSIN", "DEHAM", 2026, "fueleu").share, scope_share("DEHAM", "berth", 2026, "ets").share
    (0.5, 1.0)
    >>> scope_share("ESALG", "ESLPA", 2026, "fueleu").reason
    'voyage to or from an outermost region'
    """
    choose("regulation", regulation, list(REGULATIONS))
    choose("treatment of Norway and Iceland", efta, EFTA)
    law = REGULATIONS[regulation]
    clause(law, "gt_threshold", year)  # refuses years before the regulation
    if from_locode is None or to_locode is None:
        return Scope(share=None, reason="port not known", clause="", status="", rows=())
    start = place(from_locode, year, regulation, efta=efta)
    end = start if to_locode == BERTH else place(to_locode, year, regulation, efta=efta)
    item, reason = _item(start, end, regulation, stay=to_locode == BERTH)
    places = (start,) if end is start else (start, end)
    statuses = [status for port in places for status in port.statuses]
    rows = [row for port in places for row in port.rows]
    exempt = _special("derogation", ("outermost",), year, regulation) if outermost_derogation else None
    if exempt and regulation == "ets" and to_locode != BERTH and _own_outermost(start, end):
        item, reason = "scope_none", "voyage between an outermost region and its own Member State, exempt"
        statuses.append(exempt["status"])
        rows.append("special_ports: derogation outermost ets")
    said = clause(law, item)
    return Scope(
        share=said.value,
        reason=reason,
        clause=said.clause,
        status=worst([said.status, *statuses]),
        rows=(said.row, *dict.fromkeys(rows)),
    )


def _own_outermost(start: Place, end: Place) -> bool:
    return start.member and end.member and start.member_state == end.member_state and (start.outermost or end.outermost)


def _item(start: Place, end: Place, regulation: str, *, stay: bool) -> tuple[str, str]:
    """Return the row of the law that a leg or stay falls under, and the reason in words."""
    if stay:
        return (
            ("scope_berth", f"at berth in {start.said}")
            if start.member
            else ("scope_none", f"at berth in a third country ({start.said})")
        )
    if start.member and end.member:
        if regulation == "fueleu" and (start.outermost or end.outermost):
            return "scope_outermost", "voyage to or from an outermost region"
        return "scope_intra", f"voyage between member ports ({start.said}, {end.said})"
    if start.member or end.member:
        third = end if start.member else start
        return "scope_extra", f"voyage to or from a third country ({third.said})"
    return "scope_none", f"voyage between third countries ({start.said}, {end.said})"


def scope_shares(
    legs: Any,
    *,
    regulation: str,
    transhipment: str = "apply",
    efta: str = "table",
    outermost_derogation: bool = False,
) -> pl.DataFrame:
    """Return legs and stays with the share that a regulation counts.

    Parameters
    ----------
    legs
        Frame with from_locode, to_locode (``"berth"`` for a stay in from_locode) and year; for transhipment ports
        also ship_class, departure_utc and one of ship_id, imo, mmsi.
    regulation, efta, outermost_derogation
        As in `scope_share`.
    transhipment
        ``apply``: a container ship's stop in a listed port is no port of call, so its legs before and after, and the
        stay, count by the ports of call around it; ``ignore``.

    Returns
    -------
    polars.DataFrame
        The frame with scope_from and scope_to (ports of call that decided), scope_quality (how they are known),
        scope_share (null where a port is not known), scope_reason, scope_clause and scope_status.

    Raises
    ------
    InputError
        If columns are missing.
    ReferenceDataError
        If a year or a country is not in the tables.

    Examples
    --------
    >>> legs = pl.DataFrame({"from_locode": ["SGSIN", "DEHAM"], "to_locode": ["DEHAM", "berth"], "year": [2026, 2026]})
    >>> scope_shares(legs, regulation="fueleu", transhipment="ignore")["scope_share"].to_list()
    [0.5, 1.0]
    """
    choose("treatment of transhipment ports", transhipment, ("apply", "ignore"))
    frame = to_polars(legs)
    needed = ["from_locode", "to_locode", "year"]
    if transhipment == "apply":
        needed += ["ship_class", "departure_utc"]
    missing = [name for name in needed if name not in frame.columns]
    if missing:
        tip = "" if transhipment == "ignore" else ' (without ship and time: transhipment="ignore")'
        raise InputError(f"scope needs the columns {', '.join(missing)}{tip}")
    placed = (
        ports_of_call(frame, regulation)
        if transhipment == "apply"
        else frame.with_columns(
            scope_from=pl.col("from_locode"), scope_to=pl.col("to_locode"), scope_quality=pl.lit("as given")
        )
    )
    keys = ["scope_from", "scope_to", "year"]
    unique = placed.select(keys).unique(maintain_order=True)
    found = [
        scope_share(start, end, year, regulation, efta=efta, outermost_derogation=outermost_derogation)
        for start, end, year in unique.iter_rows()
    ]
    answers = unique.with_columns(
        pl.Series("scope_share", [scope.share for scope in found], pl.Float64),
        pl.Series("scope_reason", [scope.reason for scope in found], pl.String),
        pl.Series("scope_clause", [scope.clause for scope in found], pl.String),
        pl.Series("scope_status", [scope.status for scope in found], pl.String),
    )
    return placed.join(answers, on=keys, how="left", nulls_equal=True, maintain_order="left")
