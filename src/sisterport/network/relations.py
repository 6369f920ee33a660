"""Who is in the network: ports with their codes and ties, agreements, corridors; every row with source and status."""

from pathlib import Path
from typing import Any

import polars as pl

from sisterport.errors import InputError, ReferenceDataError, SchemaError
from sisterport.network.definitions import known_ports
from sisterport.reference import load, ports, resolve_locode
from sisterport.tables import check, read_file, to_polars

HUB = "CNSGH"
"""Port whose friendly ports are sourced here: Shanghai."""
_TERMINAL = ("locode", "smdg_terminal_code", "terminal_name")


def network_ports(*, tie: str | None = None) -> pl.DataFrame:
    """Return the ports that have a tie, an agreement or a corridor.

    Parameters
    ----------
    tie
        Only ports with a tie to this one; only Shanghai's are known.

    Returns
    -------
    polars.DataFrame
        ``locode, name, country, relation, friendly_port`` (of Shanghai: confirmed or not; null is no tie known),
        ``since, since_precision, corridors, agreements`` (ids, |-separated), ``aliases, source, status``.

    Raises
    ------
    InputError
        If no ties of that port are known.

    Examples
    --------
    >>> network_ports(tie="CNSHA").filter(pl.col("friendly_port") == "not confirmed")["locode"].to_list()
    ['KRPUS', 'SEGOT', 'USLAX']
    """
    ties = load("friendly_ports")
    if tie is not None and resolve_locode(tie) != HUB:
        raise InputError(f"only the ties of {HUB} are sourced here, none of {resolve_locode(tie)}")
    members = _grouped(_exploded("port_agreements", "agreement_id"), "agreement_id", "agreements")
    corridors = _grouped(load("green_corridor_ports").drop_nulls("locode"), "corridor_id", "corridors")
    same = ~pl.col("same_place").is_in(["no", "misuse"])
    aliases = load("port_aliases").filter(same).select(pl.col("canonical_locode").alias("locode"), "alias")
    codes = pl.concat([ties["locode"], members["locode"], corridors["locode"]]).unique()
    names = pl.concat(
        [
            ties.select("locode", pl.col("port").alias("name")),
            load("green_corridor_ports").drop_nulls("locode").select("locode", pl.col("port_or_region").alias("name")),
            ports().drop_nulls("locode").select("locode", "name"),
        ]
    ).unique("locode", keep="first", maintain_order=True)
    tied = ties.select(
        "locode", "relation", "friendly_port", pl.col("since").cast(pl.String), "since_precision", "source", "status"
    )
    frame = pl.DataFrame({"locode": codes}).with_columns(pl.col("locode").str.head(2).alias("country"))
    for other in (names, tied, corridors, members, _grouped(aliases, "alias", "aliases")):
        frame = frame.join(other, on="locode", how="left", maintain_order="left")
    if tie is not None:
        frame = frame.drop_nulls("relation")
    order = ("locode", "name", "country", "relation", "friendly_port", "since", "since_precision", "corridors",
             "agreements", "aliases", "source", "status")  # fmt: skip
    return frame.select(order).sort("locode")


def agreements(*, port: str | None = None) -> pl.DataFrame:
    """Return dated agreements, oldest first; with a port those that it is a party of.

    Examples
    --------
    >>> agreements(port="DEHAM")["agreement_id"].to_list()
    ['A08', 'A12']
    """
    table = load("port_agreements").sort("date", "agreement_id")
    return table if port is None else table.filter(_has("locodes", resolve_locode(port)))


def corridors(*, port: str | None = None) -> pl.DataFrame:
    """Return green corridors with their ports; with a port those that it lies on.

    Returns
    -------
    polars.DataFrame
        The reference table ``green_corridors`` with ``ports`` (codes, or names where no code is known) and
        ``agreements``. Rows with status ``unverified`` are names only.

    Examples
    --------
    >>> corridors(port="CNSGH").select("corridor_id", "ports").row(0)
    ('K01', 'USLAX|USLGB|CNSGH')
    """
    ends = load("green_corridor_ports").sort("corridor_id", "position")
    named = ends.group_by("corridor_id", maintain_order=True).agg(
        pl.coalesce("locode", "port_or_region").str.join("|").alias("ports")
    )
    signed = load("port_agreements").drop_nulls("corridor_id").group_by("corridor_id").agg(
        pl.col("agreement_id").sort().str.join("|").alias("agreements")
    )  # fmt: skip
    table = load("green_corridors")
    for other in (named, signed):
        table = table.join(other, on="corridor_id", how="left", maintain_order="left")
    return table if port is None else table.filter(_has("ports", resolve_locode(port)))


def port_sheet(code: str, *, terminals: Any = None) -> dict[str, Any]:
    """Return what is known of one port of the network: code and aliases, ties, agreements, corridors, terminals.

    Parameters
    ----------
    code
        Any code or name of it.
    terminals
        Frame of the table ``terminals``, from `read_terminals`.
    """
    locode = resolve_locode(code)
    found = load("port_aliases").filter(pl.col("canonical_locode") == locode)
    told = ports().filter(pl.col("locode") == locode)["name"]
    sheet: dict[str, Any] = {
        "locode": locode,
        "given": code,
        "name": told[0] if len(told) else None,
        "aliases": found.select("alias", "alias_kind", "same_place", "note", "source", "status").to_dicts(),
        "ties": load("friendly_ports").filter((pl.col("locode") == locode) | (pl.col("hub") == locode)).to_dicts(),
        "agreements": agreements(port=locode).to_dicts(),
        "corridors": corridors(port=locode).to_dicts(),
        "organisations": load("organisations").filter(pl.col("locode") == locode).to_dicts(),
    }
    if terminals is not None:
        sheet["terminals"] = check(terminals, "terminals").filter(pl.col("locode") == locode).to_dicts()
    return sheet


def facts() -> list[str]:
    """Return what has to be said with any list of Shanghai's friendly ports, from the reference data.

    Examples
    --------
    >>> facts()[1]
    '11 of 23 sourced here; not confirmed as friendly ports: Busan, Gothenburg, Los Angeles'
    """
    told = {row["fact_id"]: row for row in load("network_facts").iter_rows(named=True)}
    ties = load("friendly_ports")
    doubtful = ties.filter(pl.col("friendly_port") != "confirmed")["port"].sort().to_list()
    number = told["friendly_ports_of_shanghai"]
    return [
        f"friendly ports of Shanghai: {number['right']}",
        f"{ties.height} of {number['number']} sourced here; not confirmed as friendly ports: {', '.join(doubtful)}",
    ]


def counted() -> str:
    """Return how many corridors there are by the latest count, and how many are listed here.

    Examples
    --------
    >>> counted()
    'the Global Maritime Forum counts 84 initiatives (2025-11); 31 are listed here, 13 of them names only'
    """
    last = load("green_corridor_counts").sort("edition").row(-1, named=True)
    here = load("green_corridors")
    names = here.filter(pl.col("status") == "unverified").height
    count = f"{last['initiatives_total']} initiatives ({last['published']})"
    return f"the Global Maritime Forum counts {count}; {here.height} are listed here, {names} of them names only"


def findings(corridor: str) -> list[str]:
    """Return what no partner of a corridor has published, as far as it was looked for.

    Examples
    --------
    >>> findings("K02")
    ['base year of the 20-30 % cut by 2030 not stated']
    """
    return load("network_facts").filter(pl.col("corridor_id") == corridor)["right"].to_list()


def read_terminals(source: Any) -> pl.DataFrame:
    """Return terminals with their SMDG codes; a code is unique only within its port.

    The list of SMDG is not part of this package: anybody may copy it free of charge, but not sell it.

    Parameters
    ----------
    source
        Path of a CSV or Parquet file, or a frame, with ``locode, smdg_terminal_code, terminal_name``.

    Returns
    -------
    polars.DataFrame
        Table ``terminals``. Rows without a code are left out.

    Raises
    ------
    SchemaError
        Listing unknown ports and codes that stand twice in one port.

    Examples
    --------
    >>> rows = {"locode": ["CNSHA", "CNSHG"], "smdg_terminal_code": ["YSICT", "APMT"], "terminal_name": ["x", "y"]}
    >>> read_terminals(pl.DataFrame(rows))["terminal_id"].to_list()
    ['CNSGH-APMT', 'CNSGH-YSICT']
    """
    given = read_file(source, text=True) if isinstance(source, str | Path) else to_polars(source)
    missing = [f"column '{name}' missing" for name in _TERMINAL if name not in given.columns]
    if missing:
        raise SchemaError("terminals", missing)
    coded = given.select(_TERMINAL).filter(pl.col("smdg_terminal_code").str.strip_chars() != "")
    faults: list[str] = []
    codes = {code: _resolved(code, faults) for code in coded["locode"].unique(maintain_order=True)}
    rows = coded.with_columns(pl.col("locode").replace_strict(codes, return_dtype=pl.String))
    named = rows.with_columns(pl.format("{}-{}", "locode", "smdg_terminal_code").alias("terminal_id"))
    twice = named.filter(pl.col("terminal_id").is_duplicated())["terminal_id"].unique().sort()
    faults += [f"terminal '{name}' stands more than once" for name in twice]
    if faults:
        raise SchemaError("terminals", faults)
    return check(named, "terminals").sort("terminal_id")


def _resolved(code: str, faults: list[str]) -> str:
    try:
        return known_ports([code])[0]
    except ReferenceDataError as error:
        faults.append(str(error))
        return code


def _exploded(table: str, key: str) -> pl.DataFrame:
    return load(table).select(key, pl.col("locodes").str.split("|").alias("locode")).explode("locode")


def _grouped(rows: pl.DataFrame, key: str, name: str) -> pl.DataFrame:
    return rows.group_by("locode").agg(pl.col(key).unique().sort().str.join("|").alias(name))


def _has(column: str, word: str) -> pl.Expr:
    return pl.col(column).str.split("|").list.contains(word)
