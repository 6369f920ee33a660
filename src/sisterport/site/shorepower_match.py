"""The page of verdicts: which ship classes fit at which berths, why not, and what to ask first."""

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

import polars as pl

from sisterport.fleet import ship_id
from sisterport.shorepower.checks import CHECKS
from sisterport.shorepower.grades import IMPOSSIBLE, PAPERWORK, PARTIAL
from sisterport.site import charts, shorepower_facts
from sisterport.site import shorepower_charts as drawn
from sisterport.site.digits import counted, number, percent
from sisterport.site.parts import Content, Number, Section, picture
from sisterport.site.scene import Figure
from sisterport.site.shorepower_map import verdict_map
from sisterport.site.shorepower_places import Places, places
from sisterport.site.shorepower_words import CHECKS as CHECK_WORDS
from sisterport.site.shorepower_words import GRADE_COLOURS, GRADES, UNDECIDED, grade_range
from sisterport.site.tabulate import Column, Table, tabulate
from sisterport.site.words import ship_class
from sisterport.tables import check, to_polars

MOST_COLUMNS = 12
"""More places than this are drawn by terminal, then by port, then the smaller ones together."""
MOST_ROWS = 40
"""Rows of a table that a page shows."""
_ANSWERS = {"Yes": "#3f86bd", "No": "#a8641d", "Not known": "#d5d9dd"}
_GRADE_COLUMNS = [str(grade) for grade in GRADES if grade is not None]


class Placed(NamedTuple):
    """Counts of pairs by class and place, and what a place is: berth, terminal or port."""

    rows: pl.DataFrame
    level: str


def page(
    *,
    verdicts: Any,
    inlets: Any,
    outlets: Any,
    missing: Any,
    on: date,
    ships: Any,
    areas: Mapping[str, Any] | None,
) -> Content:
    """Return what the page says."""
    table, own = check(verdicts, "verdicts"), check(inlets, "inlets")
    where = places(check(outlets, "outlets"), areas=areas)
    fleet = _fleet(own, None if ships is None else to_polars(ships))
    day = f"{on.day}\u00a0{on:%B %Y}"
    if table.is_empty():
        return Content(kind="Shore power: who fits where", lead=f"No pair of ship and berth was matched for {day}.")
    rows = tallied(table, fleet)
    totals = summed(rows.with_columns(all=pl.lit(1)), ["all"]).row(0, named=True)
    kind = "Shore power: who fits where"
    return Content(
        kind=kind,
        lead=_lead(table, totals, day),
        numbers=_numbers(totals),
        reserve=[
            "Undecided is not “no”: facts are missing. The range says what they can still turn it into.",
            "Each pair counts once, however often the ship calls at the berth.",
        ],
        sections=[
            _by_class(rows, totals),
            _by_place(rows, totals, where),
            _by_check(table),
            Section(
                key="map",
                title="Where the berths are",
                words=["Each circle is a place; its colours are the shares of its pairs."],
                parts=verdict_map(rows, where),
            ),
            shorepower_facts.section(missing, fleet, where),
        ],
    )


def _fleet(inlets: pl.DataFrame, ships: pl.DataFrame | None) -> pl.DataFrame:
    """Return ``ship_id, ship_class, name`` of ships, each once."""
    own = inlets.select(ship_id(), "ship_class", "name")
    parts = [own]
    if ships is not None:
        kinds = {"ship_id": pl.String, "imo": pl.Int64, "mmsi": pl.Int64, "ship_class": pl.String, "name": pl.String}
        wide = ships.select(
            (pl.col(name) if name in ships.columns else pl.lit(None)).cast(kind).alias(name)
            for name, kind in kinds.items()
        )
        parts.append(wide.select(pl.coalesce("ship_id", ship_id()).alias("ship_id"), "ship_class", "name"))
    return (
        pl.concat(parts)
        .drop_nulls("ship_id")
        .group_by("ship_id", maintain_order=True)
        .agg(pl.col("ship_class", "name").drop_nulls().first())
    )


def tallied(verdicts: pl.DataFrame, fleet: pl.DataFrame) -> pl.DataFrame:
    """Return the number of pairs by ship class (in words), berth and grade; all else is summed from it.

    Parameters
    ----------
    verdicts
        Frame of the table ``verdicts``, millions of rows perhaps.
    fleet
        ``ship_id, ship_class`` of ships; those that are not in it are of unknown type.

    Returns
    -------
    DataFrame
        ``class, berth_id, pairs``, a column per grade, ``undecided``, and ``lowest, highest``: from where to where the
        undecided ones range.
    """
    codes = fleet.select("ship_id", pl.col("ship_class").fill_null("unknown").cast(pl.Categorical))
    grade = pl.when(pl.col("best") == pl.col("worst")).then("best")
    open_ = pl.col("decided").is_null()
    counts = (
        verdicts.lazy()
        .select("ship_id", "berth_id", "best", "worst", decided=grade)
        .join(codes.lazy(), on="ship_id", how="left")
        .group_by("ship_class", "berth_id", maintain_order=True)
        .agg(
            pl.len().cast(pl.Int64).alias("pairs"),
            *((pl.col("decided") == int(g)).sum().cast(pl.Int64).alias(g) for g in _GRADE_COLUMNS),
            open_.sum().cast(pl.Int64).alias("undecided"),
            pl.col("best").filter(open_).min().alias("lowest"),
            pl.col("worst").filter(open_).max().alias("highest"),
        )
        .collect()
    )
    words = pl.col("ship_class").cast(pl.String).fill_null("unknown").map_elements(ship_class, return_dtype=pl.String)
    return counts.with_columns(words.alias("class")).drop("ship_class").sort("class", "berth_id")


def summed(rows: pl.DataFrame, by: list[str]) -> pl.DataFrame:
    """Return sums of a tally by other columns."""
    return rows.group_by(by, maintain_order=True).agg(
        pl.col("pairs", *_GRADE_COLUMNS, "undecided").sum(), pl.col("lowest").min(), pl.col("highest").max()
    )


def _lead(verdicts: pl.DataFrame, totals: Mapping[str, Any], day: str) -> str:
    ships, berths = verdicts["ship_id"].n_unique(), verdicts["berth_id"].n_unique()
    text = (
        f"{counted(ships, 'ship')} and {counted(berths, 'berth')} on {day}: "
        f"{counted(totals['pairs'], 'pair')} of ship and berth"
    )
    share = totals["undecided"] / totals["pairs"]
    if share == 1:
        return f"{text}. None of them can be decided yet: facts are missing."
    plug = sum(totals[str(g)] for g in range(PAPERWORK + 1))
    return f"{text}. {percent(plug / totals['pairs'])} can plug in, {percent(share)} cannot be decided yet."


def _numbers(totals: Mapping[str, Any]) -> list[Number]:
    def share(*grades: int) -> str:
        return percent(sum(totals[str(g)] for g in grades) / totals["pairs"])

    fixes = range(PARTIAL + 1, IMPOSSIBLE)
    return [
        Number("Can plug in", share(*range(PAPERWORK + 1)), "Now, or after paperwork or a first-call test."),
        Number("Partial power", share(PARTIAL), "The outlet gives less than the ship's peak."),
        Number("After a named fix", share(*fixes), "On the ship, at the berth, or both."),
        Number("Not possible", share(IMPOSSIBLE), "A check fails that no fix mends."),
        Number(UNDECIDED, percent(totals["undecided"] / totals["pairs"]), "Facts are missing: see what to ask."),
    ]


def _columns(first: list[Column], rows: pl.DataFrame) -> list[Column]:
    """Return the columns of a tally; grades that no pair has are left out."""
    grades = [Column(key=g, label=GRADES[int(g)], unit=f"grade {g}", kind="count") for g in _GRADE_COLUMNS]
    undecided = [
        Column(key="undecided", label=UNDECIDED, kind="count"),
        Column(key="range", label="their range", kind="text"),
    ]
    return [
        *first,
        Column(key="pairs", label="Pairs", kind="count"),
        *(column for column in grades if rows[column.key].sum()),
        *(undecided if rows["undecided"].sum() else []),
    ]


def _ranged(rows: pl.DataFrame) -> pl.DataFrame:
    text = pl.format("{} to {}", "lowest", "highest")
    return rows.with_columns(range=pl.when(pl.col("undecided") > 0).then(text))


def _table(rows: pl.DataFrame, first: list[Column], *, caption: str, totals: Mapping[str, Any] | None) -> Table:
    kept = rows.head(MOST_ROWS)
    left = rows.height - kept.height
    last = None
    if totals is not None:
        keys = ("pairs", *_GRADE_COLUMNS, "undecided")
        last = {first[0].key: "All", **{key: totals[key] for key in keys}}
    return tabulate(
        _ranged(kept),
        _columns(first, rows),
        caption=caption,
        total=last,
        notes=[f"{counted(left, 'row')} with fewer pairs not shown." if left else ""],
    )


def _long(rows: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    """Return the tally with one row per grade that there is, and the share of it."""
    words = {g: GRADES[int(g)] for g in _GRADE_COLUMNS} | {"undecided": UNDECIDED}
    return (
        rows.unpivot(on=list(words), index=[*keys, "pairs"], variable_name="grade", value_name="count")
        .filter(pl.col("count") > 0)
        .with_columns(pl.col("grade").replace_strict(words), share=pl.col("count") / pl.col("pairs"))
    )


def _by_class(tally: pl.DataFrame, totals: Mapping[str, Any]) -> Section:
    rows = summed(tally, ["class"]).sort("pairs", "class", descending=[True, False])
    chart = drawn.shares(_long(rows, ["class"]), category="class", series="grade", value="share", colours=GRADE_COLOURS)
    most = _long(rows, ["class"]).sort("count", descending=True).row(0, named=True)
    return Section(
        key="classes",
        title="By ship class",
        parts=[
            picture(
                "classes-chart",
                "Share of the pairs of each ship class by grade",
                chart,
                says=f"Largest part: {most['class']}, {most['grade'].lower()}. The numbers are in the table below.",
            ),
            _table(
                rows,
                [Column(key="class", label="Ship class", kind="text")],
                caption="Pairs of ship and berth by ship class and grade",
                totals=totals,
            ),
        ],
    )


def level_of(where: Places, berths: pl.Series) -> str:
    """Return by what the matrix is drawn: berth, terminal or port, so that its columns fit."""
    found = where.frame.filter(pl.col("berth_id").is_in(berths.unique().implode()))
    if berths.n_unique() <= MOST_COLUMNS:
        return "berth"
    return "terminal" if found["terminal_name"].n_unique() <= MOST_COLUMNS else "port"


def placed(tally: pl.DataFrame, where: Places) -> Placed:
    """Return a tally by class and place: by the level at which the places fit the page, small ones joined."""
    level = level_of(where, tally["berth_id"])
    names = where.frame.select("berth_id", place=f"{level}_name")
    joined = tally.join(names, on="berth_id", how="left", maintain_order="left")
    lost = pl.col("berth_id") if level == "berth" else pl.lit("Port not known")
    joined = joined.with_columns(pl.coalesce("place", lost).alias("place"))
    order = (
        joined.group_by("place").agg(pl.col("pairs").sum()).sort("pairs", "place", descending=[True, False])["place"]
    )
    if order.len() > MOST_COLUMNS:
        rest = order[MOST_COLUMNS - 1 :]
        small = pl.col("place").is_in(rest.implode())
        joined = joined.with_columns(
            pl.when(small).then(pl.lit(f"{number(rest.len())} more")).otherwise("place").alias("place")
        )
    return Placed(rows=summed(joined, ["class", "place"]), level=level)


def _by_place(tally: pl.DataFrame, totals: Mapping[str, Any], where: Places) -> Section:
    found = placed(tally, where)
    figure = matrix(found.rows, name="matrix-chart", level=found.level)
    listed = found.rows.sort("pairs", "class", "place", descending=[True, False, False])
    first = [
        Column(key="class", label="Ship class", kind="text"),
        Column(key="place", label=found.level.capitalize(), kind="text"),
    ]
    return Section(
        key="matrix",
        title=f"Ship class by {found.level}",
        words=[
            (
                "Each bar is filled in proportion to the grades of its pairs; the number counts them. After the "
                "question mark stands what the undecided ones can still become: best to worst grade."
            )
        ],
        parts=[
            figure,
            _table(listed, first, caption=f"Pairs by ship class, {found.level} and grade", totals=totals),
        ],
    )


def matrix(rows: pl.DataFrame, *, name: str, level: str) -> Figure:
    """Return the matrix of ship classes by places; `rows` is a tally by ``class, place``."""
    order = {
        key: rows.group_by(key).agg(pl.col("pairs").sum()).sort("pairs", key, descending=[True, False])[key].to_list()
        for key in ("class", "place")
    }
    order["place"].sort(key=lambda text: text.endswith(" more"))
    rank = {word: i for i, word in enumerate(GRADE_COLOURS)}
    long = (
        _long(rows, ["class", "place"])
        .sort("class", "place", pl.col("grade").replace_strict(rank))
        .with_columns(x1=pl.col("share").cum_sum().over("class", "place"))
        .with_columns(x0=pl.col("x1") - pl.col("share"))
    )
    alone = (pl.col("pairs") == 1) & (pl.col("undecided") == 0)
    grade = pl.coalesce(pl.when(pl.col(g) == 1).then(pl.lit(g)) for g in _GRADE_COLUMNS)
    spread = pl.struct("lowest", "highest").map_elements(
        lambda ends: grade_range(ends["lowest"], ends["highest"]) if ends["lowest"] is not None else "",
        return_dtype=pl.String,
    )
    same = pl.col("lowest") == pl.col("highest")
    cells = rows.select(
        row="class",
        column="place",
        upper=pl.col("pairs").map_elements(number, return_dtype=pl.String),
        lower=pl.when(alone)
        .then(pl.format("grade {}", grade))
        .when((pl.col("undecided") > 0) & ~same.fill_null(value=False))
        .then(spread)
        .otherwise(pl.lit("")),
    )
    spec = drawn.matrix(
        long.select("grade", "x0", "x1", row="class", column="place"),
        cells,
        rows=order["class"],
        columns=order["place"],
    )
    says = f"{len(order['class'])} ship classes by {len(order['place'])} places; the numbers are in the table below."
    return picture(name, f"Ship class by {level}: pairs and their grades", spec, says=says)


def _by_check(verdicts: pl.DataFrame) -> Section:
    names = {"Yes": "checks_true", "No": "checks_false", "Not known": "checks_unknown"}
    rows = pl.DataFrame(
        [
            {"check": f"{k} {CHECK_WORDS[k]}"}
            | {word: _set_bits(verdicts[column], k) for word, column in names.items()}
            for k in range(1, CHECKS + 1)
        ]
    )
    long = rows.unpivot(index="check", variable_name="answer", value_name="count").with_columns(
        share=pl.col("count") / max(1, verdicts.height)
    )
    order = {word: i for i, word in enumerate(_ANSWERS)}
    long = long.sort(pl.col("answer").replace_strict(order), maintain_order=True)
    chart = charts.bars(
        long.filter(pl.col("count") > 0),
        category="check",
        series="answer",
        value="share",
        colours=_ANSWERS,
        title="share of pairs",
        share=True,
        order=rows["check"].to_list(),
    )
    columns = [
        Column(key="check", label="Check", kind="text"),
        *(Column(key=w, label=w, kind="count") for w in _ANSWERS),
    ]
    return Section(
        key="checks",
        title="Check by check",
        words=[
            "A pair connects if all 13 checks are answered yes. Counted is the most promising connection of each pair."
        ],
        parts=[
            picture(
                "checks-chart",
                "The 13 checks: yes, no, not known",
                chart,
                says="The numbers are in the table below.",
            ),
            tabulate(rows, columns, caption="Answers to the 13 checks, in pairs"),
        ],
    )


def _set_bits(masks: pl.Series, check_no: int) -> int:
    """Return in how many masks the bit of a check is set."""
    return int(((masks.to_numpy() >> (check_no - 1)) & 1).sum())
