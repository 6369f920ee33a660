"""The page of coverage: what could connect, could after a named fix, and did, beside how much of the data is there."""

from typing import Any

import polars as pl

from sisterport.reference import load
from sisterport.shorepower.coverage import CLASSES, KEYS, fixes_named
from sisterport.site import shorepower_charts as drawn
from sisterport.site.digits import MISSING, counted, percent, with_unit
from sisterport.site.parts import Content, Number, Section, picture
from sisterport.site.shorepower_places import port_name
from sisterport.site.shorepower_words import CHECKS, COVERAGE
from sisterport.site.tabulate import Column, tabulate
from sisterport.site.words import ship_class
from sisterport.tables import check, to_polars

MOST_GROUPS = 24
MOST_STAYS = 25
KIND = "Shore power: coverage"
_MEASURES = ("stays", "hours", "energy")
_DATA = {
    "data_berth": "berth",
    "data_ship": "IMO number",
    "data_class": "class",
    "data_decided": "verdict",
    "data_energy": "energy",
    "data_records": "record kept",
}


def page(*, coverage: Any, stays: Any, verdicts: Any) -> Content:
    """Return what the page says."""
    table, rows = to_polars(coverage), check(stays, "stays")
    if rows.is_empty() or table.is_empty():
        return Content(kind=KIND, lead="There is no stay, so there is nothing to cover.")
    named = _named(table)
    several = {"pair", "coalition"} & set(table.columns)
    sections = [_bars(named), _numbers_of(named), _data(named)]
    if verdicts is not None:
        sections.append(_fixes(rows, verdicts))
    return Content(
        kind=KIND,
        lead=_lead(rows, table),
        numbers=_numbers(rows, table) if not several else (),
        reserve=[
            (
                "“Could connect” is what registers say today; “after a fix” names what would have to be built. Neither "
                "is a measurement. “Did connect” is by record alone."
            ),
            (
                "Energy is what auxiliary engines made and what was taken by record; stays of unknown energy count in "
                "stays and hours only."
            ),
            *(["A stay can count in several groups here: groups do not add up."] if several else []),
        ],
        sections=[*sections, _stays(rows)],
    )


def _named(table: pl.DataFrame) -> pl.DataFrame:
    """Return the table with the name of each group, those with most energy first."""
    keys = [key for key in KEYS if key in table.columns]

    def words(row: dict[str, Any]) -> str:
        texts = []
        for key in keys:
            text = row[key]
            if key == "locode":
                text = port_name(text)
            elif key == "ship_class" and text is not None:
                text = ship_class(text)
            elif key == "month" and text is not None:
                text = f"{text:%b %Y}"
            texts.append("not known" if text is None else str(text))
        return ", ".join(texts) or "All"

    names = [words(row) for row in table.iter_rows(named=True)]
    dated = {"month", "year"} & set(keys)
    named = table.with_columns(pl.Series("group", names, dtype=pl.String))
    return named if dated else named.sort("energy_mwh", "stays", "group", descending=[True, True, False])


def _lead(rows: pl.DataFrame, table: pl.DataFrame) -> str:
    ships = rows.select(pl.coalesce("imo", "mmsi").n_unique()).item()
    text = "%-d\u00a0%b\u00a0%Y"
    first, last = rows.select(
        pl.col("start_utc").min().dt.strftime(text), pl.col("end_utc").max().dt.strftime(text)
    ).row(0)
    span = f"{first} to {last}"
    energy = float(rows["aux_mwh"].sum()) + float(rows["connected_mwh"].sum())
    told = rows["aux_mwh"].is_not_null().any() or rows["connected_mwh"].is_not_null().any()
    amount = with_unit(energy, "MWh") + " at berth and anchor" if told else "no energy known"
    groups = counted(table.height, "group")
    return f"{counted(rows.height, 'stay')} of {counted(ships, 'ship')}, {span}, {amount}; in {groups}."


def _whole(table: pl.DataFrame, name: str) -> float | None:
    """Return a share of all stays."""
    rows = table.select("stays", name).drop_nulls()
    total = float(rows["stays"].sum())
    return float((rows["stays"] * rows[name]).sum()) / total if total else None


def _numbers(rows: pl.DataFrame, table: pl.DataFrame) -> list[Number]:
    could, fix, undecided = (_whole(table, f"{n}_stays") for n in ("could", "after_fix", "undecided"))
    lost = sum(_whole(table, f"{n}_stays") or 0.0 for n in ("no_verdict", "berth_unknown"))
    did = _whole(table, "did_stays")
    kept = int(table.filter(pl.col("did_stays").is_not_null())["stays"].sum())
    note = f"Of the {counted(kept, 'stay')} at places with records." if kept else "No record was given: not known."
    return [
        Number("Could connect", percent(could), f"Of {counted(rows.height, 'stay')}."),
        Number("After a named fix", percent(fix), "On the ship, at the berth, or both."),
        Number("Undecided", percent(undecided), "Facts of ship or berth are missing."),
        Number("Not matched", percent(lost), "No verdict, or the berth is not known."),
        Number("Did connect", percent(did) if did is not None else MISSING, note),
    ]


def _bars(named: pl.DataFrame) -> Section:
    kept = named.head(MOST_GROUPS)
    parts = []
    for measure in _MEASURES:
        values = kept.select("group", **{COVERAGE[c]: pl.col(f"{c}_{measure}") for c in CLASSES})
        long = values.unpivot(index="group", variable_name="kind", value_name="share").drop_nulls("share")
        parts.append(long.with_columns(measure=pl.lit(measure)))
    did = pl.concat([kept.select("group", measure=pl.lit(m), share=f"did_{m}") for m in _MEASURES]).drop_nulls("share")
    data = pl.concat([kept.select("group", what=pl.lit(word), share=name) for name, word in _DATA.items()])
    short = {name: name if len(name) <= 26 else f"{name[:25]}\u2026" for name in kept["group"]}
    spec = drawn.coverage(
        *(frame.with_columns(pl.col("group").replace(short)) for frame in (pl.concat(parts), did, data)),
        groups=[short[name] for name in kept["group"]],
    )
    left = named.height - kept.height
    return Section(
        key="bars",
        title="What could connect",
        words=[
            (
                "Bars add up to all stays of a group. A black mark says what did connect by record; where there is "
                "none, no record tells it. On the right: for how many of the stays the data are there at all."
            )
        ],
        parts=[
            picture(
                "coverage-chart",
                "Coverage by stays, hours and energy, and coverage of the data",
                spec,
                says="The numbers are in the tables below.",
            )
        ],
        points=[f"{counted(left, 'group')} with less energy not drawn; all are in the tables."] if left else (),
    )


def _numbers_of(named: pl.DataFrame) -> Section:
    tables = []
    for measure, word in zip(_MEASURES, ("stays", "hours", "energy"), strict=True):
        names = {c: f"{c}_{measure}" for c in CLASSES}
        shown = [c for c in CLASSES if (named[names[c]].fill_null(0.0) > 0).any()]
        total = {
            "stays": ("stays", "count", ""),
            "hours": ("hours", "number", "h"),
            "energy": ("energy_mwh", "number", "MWh"),
        }
        key, kind, unit = total[measure]
        columns = [
            Column(key="group", label="Group", kind="text"),
            Column(key=key, label=word.capitalize(), kind=kind, unit=unit, most=1),
            *(Column(key=names[c], label=COVERAGE[c], kind="share") for c in shown),
            Column(key=f"did_{measure}", label="Did connect", kind="share"),
        ]
        tables.append(tabulate(named, columns, caption=f"Coverage by {word}"))
    return Section(key="numbers", title="The same in numbers", parts=tables)


def _data(named: pl.DataFrame) -> Section:
    columns = [
        Column(key="group", label="Group", kind="text"),
        Column(key="stays", label="Stays", kind="count"),
        *(
            Column(key=name, label=word.capitalize() if word != "IMO number" else word, kind="share")
            for name, word in _DATA.items()
        ),
        Column(key="did_metered", label="of the connected: metered", kind="share"),
    ]
    return Section(
        key="data",
        title="Coverage of the data",
        words=["A share of what could connect is worth no more than the data behind it."],
        parts=[
            tabulate(named, columns, caption="Share of stays with a known berth, ship, class, verdict, energy, record")
        ],
    )


def _fixes(rows: pl.DataFrame, verdicts: Any) -> Section:
    titles = dict(load("fix_costs").select("fix_id", "title").iter_rows())

    def words(column: str) -> pl.Expr:
        return pl.col(column).map_elements(
            lambda ids: "; ".join(titles.get(i, i) for i in ids.split("|") if i) or MISSING, return_dtype=pl.String
        )

    found = fixes_named(rows, verdicts).with_columns(
        pl.col("check_no").map_elements(lambda k: f"{k} {CHECKS[k]}", return_dtype=pl.String).alias("check"),
        words("ship_fixes").alias("ship"),
        words("berth_fixes").alias("berth"),
    )
    columns = [
        Column(key="check", label="Check that fails", kind="text"),
        Column(key="ship", label="Fix on the ship", kind="text"),
        Column(key="berth", label="or at the berth", kind="text"),
        Column(key="stays", label="Stays", kind="count"),
        Column(key="hours", label="Hours", unit="h", most=0),
        Column(key="energy_mwh", label="Energy", unit="MWh"),
    ]
    return Section(
        key="fixes",
        title="What stands in the way",
        parts=[
            tabulate(
                found,
                columns,
                caption="Failing checks of stays that can connect after a fix; a stay counts in each of its checks",
                empty="No stay is known to need a fix alone.",
            )
        ],
    )


def _stays(rows: pl.DataFrame) -> Section:
    kept = rows.sort("aux_mwh", "hours", "stay_id", descending=[True, True, False], nulls_last=True).head(MOST_STAYS)
    shown = kept.with_columns(
        ship=pl.coalesce("name", pl.format("IMO {}", "imo"), pl.format("MMSI {}", "mmsi")),
        at=pl.when(pl.col("place").eq_missing(pl.lit("anchorage")))
        .then(pl.lit("at anchor"))
        .otherwise(pl.coalesce("berth_id", "terminal", pl.lit("berth not known"))),
        kind=pl.col("ship_class").map_elements(ship_class, return_dtype=pl.String),
    )
    left = rows.height - kept.height
    columns = [
        Column(key="ship", label="Ship", kind="text"),
        Column(key="kind", label="Class", kind="text"),
        Column(key="locode", label="Port", kind="text"),
        Column(key="at", label="Where", kind="text"),
        Column(key="start_utc", label="From (UTC)", kind="time"),
        Column(key="hours", label="Time", unit="h", most=1),
        Column(key="aux_mwh", label="Made on board", unit="MWh"),
        Column(key="connected_mwh", label="From shore by record", unit="MWh"),
    ]
    return Section(
        key="stays",
        title="The largest stays",
        parts=[
            tabulate(
                shown,
                columns,
                caption="Stays with most auxiliary energy",
                notes=[f"{counted(left, 'stay')} with less energy not shown." if left else ""],
            )
        ],
    )
