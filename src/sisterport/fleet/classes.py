"""Ship classes: their size units and size bins, and what an AIS ship type says about them."""

from functools import cache

import polars as pl

from sisterport.reference import load


@cache
def class_bins() -> pl.DataFrame:
    """Return the size bins of all classes: ship_class, size_bin, size_min, size_max_excl, size_unit.

    Examples
    --------
    >>> class_bins().filter(pl.col("ship_class") == "vehicle")["size_min"].to_list()
    [0, 30000, 50000]
    """
    columns = ["ship_class", "size_bin", "size_min", "size_max_excl", "size_unit"]
    return load("aux_boiler_power_ghg4").select(columns).unique(maintain_order=True)


@cache
def ship_classes() -> tuple[str, ...]:
    """Return the codes of all ship classes, those of ships whose class is not known last.

    Examples
    --------
    >>> ship_classes()[0], ship_classes()[-1], len(ship_classes())
    ('bulk_carrier', 'unknown', 23)
    """
    return tuple(load("class_defaults")["ship_class"].unique(maintain_order=True))


def size_unit(ship_class: str | pl.Expr = "ship_class") -> pl.Expr:
    """Return the unit that a class is binned by: dwt_t, teu, gt or cargo_m3; null for unknown classes.

    Examples
    --------
    >>> ships = pl.DataFrame({"ship_class": ["container", "unknown_cargo"]})
    >>> ships.select(size_unit())["size_unit"].to_list()
    ['teu', None]
    """
    units = class_bins().select("ship_class", "size_unit").unique()
    return (
        _column(ship_class)
        .replace_strict(
            units["ship_class"].to_list(), units["size_unit"].to_list(), default=None, return_dtype=pl.String
        )
        .alias("size_unit")
    )


def size_bin(ship_class: str | pl.Expr = "ship_class", size: str | pl.Expr = "size") -> pl.Expr:
    """Return the size bin of a ship: the one with lower edge <= size < upper edge.

    A class with a single bin needs no size. Null if the size is unknown, or the class is.

    Parameters
    ----------
    ship_class
        Column or expression with the class.
    size
        Column or expression with the size in the unit of the class.

    References
    ----------
    Fourth IMO GHG Study (2020), Table 17, via ICCT SAVE v2025.03.1 Table 2.

    Examples
    --------
    >>> ships = pl.DataFrame({"ship_class": ["container"] * 3 + ["yacht"], "size": [7999, 8000, None, None]})
    >>> ships.select(size_bin())["size_bin"].to_list()
    [5, 6, None, 1]
    """
    kind, value = _column(ship_class), _column(size)
    bins: list[pl.Expr] = []
    for (name,), rows in class_bins().group_by("ship_class", maintain_order=True):
        if rows.height == 1:
            number: pl.Expr = pl.lit(1, pl.Int64)
        else:
            # Rows ascend from 0, so the bin is the count of lower edges that are not above the size.
            number = pl.sum_horizontal((value >= edge).cast(pl.Int64) for edge in rows["size_min"])
            number = pl.when(value.is_not_null()).then(number)
        bins.append(pl.when(kind == name).then(number))
    return pl.coalesce(bins).alias("size_bin")


def ais_class(code: str | pl.Expr = "ais_type") -> pl.Expr:
    """Return the ship class that an AIS ship type stands for.

    AIS does not tell a container ship from a bulk carrier: such codes give ``unknown_cargo``,
    ``unknown_tanker`` or ``unknown_passenger``. A missing or undefined code gives ``unknown``. Codes of the
    US Coast Guard (1001 to 1025) are understood too.

    References
    ----------
    Recommendation ITU-R M.1371 (ship type); NOAA MarineCadastre, VesselTypeCodes2018.

    Examples
    --------
    >>> pl.DataFrame({"ais_type": [52, 70, 1025, 255, None]}).select(ais_class())["ship_class"].to_list()
    ['service_tug', 'unknown_cargo', 'service_tug', 'unknown', 'unknown']
    """
    return _by_code(code, "ship_class")


def ais_group(code: str | pl.Expr = "ais_type") -> pl.Expr:
    """Return ``ocean_going``, ``harbour_craft`` or ``unknown`` of an AIS ship type.

    Examples
    --------
    >>> pl.DataFrame({"ais_type": [52, 70, 60, None]}).select(ais_group())["group"].to_list()
    ['harbour_craft', 'ocean_going', 'unknown', 'unknown']
    """
    return _by_code(code, "group")


def _by_code(code: str | pl.Expr, column: str) -> pl.Expr:
    table = load("ais_ship_types")
    return (
        _column(code)
        .cast(pl.Int64)
        .replace_strict(table["code"].to_list(), table[column].to_list(), default="unknown", return_dtype=pl.String)
        .alias(column)
    )


def _column(name: str | pl.Expr) -> pl.Expr:
    return pl.col(name) if isinstance(name, str) else name
