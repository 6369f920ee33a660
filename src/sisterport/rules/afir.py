"""Shore power duty of EU ports: AFIR, Regulation (EU) 2023/1804 Art 9, from the calls by class of ship."""

import math
from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from typing import Any

import polars as pl

from sisterport.errors import InputError, SchemaError
from sisterport.reference import country_of
from sisterport.rules.clauses import worst
from sisterport.rules.rows import refuse_unknown_types, rule, rule_type_expr
from sisterport.rules.scope import country_row
from sisterport.tables import check, empty

RULE = "afir"
CATEGORIES = ("container", "ropax", "passenger_other")


def required_calls(*, calls: float | Fraction, on: date | None = None) -> int:
    """Return how many calls a port must be able to serve once it has the duty: 90 %, rounded up.

    Parameters
    ----------
    calls
        Calls of the class that count, or their mean.
    on
        Day; by default whenever the row is in force.

    References
    ----------
    Regulation (EU) 2023/1804 Art 9(1).

    Examples
    --------
    >>> required_calls(calls=110), required_calls(calls=101)
    (99, 91)
    """
    # as fractions: in floats 0.9 times 70 is a little more than 63
    return math.ceil(Fraction(rule(RULE, "required_share", on=on).value) * Fraction(calls))


def counted(calls: Any) -> pl.DataFrame:
    """Return calls with their category and whether Art 9 counts them.

    Parameters
    ----------
    calls
        Any Arrow-speaking frame of the table ``afir_calls``.

    Returns
    -------
    polars.DataFrame
        The calls with category (container, ropax, passenger_other, not_covered; null is not known), counts (null
        where it cannot be told) and counts_reason. What is not counted (less than two hours at the quay,
        zero-emission technology, unscheduled for safety) is unverified.

    References
    ----------
    Regulation (EU) 2023/1804 Art 9(1) and (2).

    Examples
    --------
    >>> from datetime import datetime, UTC
    >>> day = datetime(2029, 5, 1, tzinfo=UTC)
    >>> counted(pl.DataFrame({"locode": ["DEHAM"] * 2, "ship_class": ["container"] * 2, "gt": [90000, 90000],
    ...     "arrival_utc": [day] * 2, "quay_h": [30.0, 1.5]})).select("counts", "counts_reason").rows()
    [(True, 'counts'), (False, 'too short')]
    """
    given = check(calls, "afir_calls")
    refuse_unknown_types(given["ship_class"], RULE)
    large = pl.col("gt") > rule(RULE, "gt_above").number
    long_stay = pl.col("quay_h") >= rule(RULE, "not_counted_below_h").number
    zero, safety = (pl.col(name).fill_null(value=False) for name in ("zero_emission", "safety"))
    covered = pl.col("category") != "not_covered"
    reason = (
        pl.when(~covered)
        .then(pl.lit("class of ship not covered"))
        .when(~large)
        .then(pl.lit("too small"))
        .when(~long_stay)
        .then(pl.lit("too short"))
        .when(zero)
        .then(pl.lit("zero-emission technology"))
        .when(safety)
        .then(pl.lit("unscheduled for safety"))
        .when(covered.is_null())
        .then(pl.lit("not known: class of ship"))
        .when(large.is_null())
        .then(pl.lit("not known: GT"))
        .when(long_stay.is_null())
        .then(pl.lit("not known: time at the quay"))
        .otherwise(pl.lit("counts"))
    )
    return given.with_columns(category=rule_type_expr("ship_class", RULE)).with_columns(
        counts=covered & large & long_stay & ~zero & ~safety, counts_reason=reason
    )


def duties(calls: Any, *, year: int, ports: Any | None = None, mean_years: Sequence[int] | None = None) -> pl.DataFrame:
    """Return the duty of each port and class of ship in a year.

    Parameters
    ----------
    calls
        Any Arrow-speaking frame of the table ``afir_calls``, several years and ports together.
    year
        Year of the duty, 2030 or later.
    ports
        Frame of the table ``afir_ports``: TEN-T core, comprehensive or none. Without it, or where it says nothing,
        a port above the threshold has the duty "not known".
    mean_years
        Years of the mean; by default the three before `year`. To plan with today's calls name their years.

    Returns
    -------
    polars.DataFrame
        Table ``afir_duties``, one row for each port and class with calls. A year of the mean in which the frame has
        no call at all is taken as not covered: it is left out of the mean, and mean_years says which remain.

    Raises
    ------
    ReferenceDataError
        If the duty is not yet in force in `year`.
    InputError, SchemaError
        If the calls cover no year of the mean, or columns or values are wrong.

    References
    ----------
    Regulation (EU) 2023/1804 Art 9(1): mean of the three preceding years strictly above 100 calls (container), 40
    (ro-ro passenger, high-speed) or 25 (other passenger): shore power for at least 90 % of the calls each year.

    Examples
    --------
    >>> from datetime import datetime, UTC
    >>> days = [datetime(2027 + n // 110, 1 + n % 12, 1, tzinfo=UTC) for n in range(330)]
    >>> calls = pl.DataFrame({"arrival_utc": days}).with_columns(locode=pl.lit("DEHAM"), quay_h=pl.lit(20.0),
    ...     ship_class=pl.lit("container"), gt=pl.lit(90000.0))
    >>> ports = pl.DataFrame({"locode": ["DEHAM"], "ten_t": ["core"]})
    >>> duties(calls, year=2030, ports=ports).select("duty", "mean_calls", "required_calls").rows()
    [(True, 110.0, 99)]
    """
    share = rule(RULE, "required_share", on=date(year, 1, 1))
    judged = counted(calls).with_columns(call_year=pl.col("arrival_utc").dt.year().cast(pl.Int64))
    span = int(rule(RULE, "mean_years").number)
    wanted = list(mean_years) if mean_years is not None else [year - back for back in range(span, 0, -1)]
    covered = sorted(set(wanted) & set(judged["call_year"]))
    if not covered:
        raise InputError(f"the calls cover none of the years {wanted} of the mean")
    known = _ports(ports)
    in_view = judged.filter(pl.col("category").is_in(CATEGORIES) | pl.col("category").is_null())
    whole = year in set(judged["call_year"])
    rows = []
    for locode in in_view["locode"].unique().sort():
        here = in_view.filter(pl.col("locode") == locode)
        # a passenger ship of unknown kind may belong to any class: it makes the high mean of each
        for category in CATEGORIES:
            mine = here.filter((pl.col("category") == category) | pl.col("category").is_null())
            if mine.filter(pl.col("category") == category).height or mine["counts"].null_count():
                rows.append(_duty(mine, locode, category, year, covered, known.get(locode, (None, False)), whole=whole))
    if not rows:
        return empty("afir_duties")
    return check(pl.DataFrame(rows, infer_schema_length=None).with_columns(clause=pl.lit(share.source)), "afir_duties")


def _ports(ports: Any | None) -> dict[str, tuple[str | None, bool]]:
    if ports is None:
        return {}
    given = check(ports, "afir_ports")
    words = [*rule(RULE, "ten_t").words, "none"]
    strange = given.filter(~pl.col("ten_t").is_in(words))["ten_t"].unique().sort().to_list()
    if strange:
        raise SchemaError("afir_ports", [f"ten_t '{word}': choose from {', '.join(words)}" for word in strange])
    return {locode: (ten_t, bool(island)) for locode, ten_t, island in given.iter_rows()}


def _duty(
    calls: pl.DataFrame,
    locode: str,
    category: str,
    year: int,
    covered: list[int],
    port: tuple[str | None, bool],
    *,
    whole: bool,
) -> dict[str, Any]:
    """Return the row of one port and class; `whole` says that the calls cover the year of the duty."""
    threshold = rule(RULE, "calls_threshold", applies_to=category)
    before = calls.filter(pl.col("call_year").is_in(covered))
    sure, open_ = int(before["counts"].sum() or 0), before["counts"].null_count()
    mean, high = Fraction(sure, len(covered)), Fraction(sure + open_, len(covered))
    now = calls.filter((pl.col("call_year") == year) & pl.col("counts") & (pl.col("category") == category))
    base = Fraction(now.height) if whole else mean
    due, reason = _due(mean, high, threshold.number, port, locode, year)
    required = required_calls(calls=base, on=date(year, 1, 1)) if due else None
    served = int(now["served"].sum()) if whole and not now["served"].null_count() else None
    return {
        "locode": locode,
        "category": category,
        "year": year,
        "ten_t": port[0],
        "mean_years": ", ".join(map(str, covered)),
        "mean_calls": float(mean),
        "mean_calls_high": float(high),
        "threshold": threshold.number,
        "duty": due,
        "calls": float(base),
        "calls_source": "year" if whole else "mean",
        "required_calls": required,
        "served_calls": served,
        "missing_calls": None if required is None or served is None else max(0, required - served),
        "not_counted": int((~calls["counts"]).sum() or 0),
        "not_known": calls["counts"].null_count(),
        "reason": reason,
        "status": worst([threshold.status, rule(RULE, "not_counted_below_h").status]),
        "row": threshold.name,
    }


def _due(
    mean: Fraction, high: Fraction, threshold: float, port: tuple[str | None, bool], locode: str, year: int
) -> tuple[bool | None, str]:
    """Return whether the duty holds, and the first thing that decides."""
    ten_t, island = port
    country = country_row(country_of(locode), year)
    checks: list[tuple[bool, bool | None, str]] = [
        (country["eea"] == "no", False, "not in the EU"),
        (ten_t == "none", False, "not in the TEN-T"),
        (high <= threshold, False, "calls not above the threshold"),
        (island, False, "island without a link to the grid"),
        (country["eu"] == "no", None, "not known: whether AFIR applies in this EEA country"),
        (mean <= threshold, None, "not known: calls that may count decide"),
        (ten_t is None, None, "not known: whether the port is in the TEN-T"),
    ]
    return next(((due, reason) for hit, due, reason in checks if hit), (True, "calls above the threshold"))
