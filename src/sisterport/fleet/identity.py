"""Numbers that identify a ship: IMO number and MMSI; and the id made of them."""

import polars as pl

_WEIGHTS = (7, 6, 5, 4, 3, 2)  # the definition of the check digit, IMO resolution A.1117(30)


def imo_check(imo: str | pl.Expr = "imo") -> pl.Expr:
    """Return whether an IMO number has seven digits and the right check digit; null stays null.

    Parameters
    ----------
    imo
        Column or expression with IMO numbers.

    References
    ----------
    IMO resolution A.1117(30): the last digit is the last digit of the sum of the first six times 7, 6, 5, 4,
    3, 2.

    Examples
    --------
    >>> pl.DataFrame({"imo": [9074729, 9074728, 12, None]}).select(imo_check())["imo"].to_list()
    [True, False, False, None]
    """
    number = _column(imo).cast(pl.Int64)
    total = sum(
        (number // 10 ** (6 - place) % 10 * weight for place, weight in enumerate(_WEIGHTS)),
        start=pl.lit(0, pl.Int64),
    )
    return number.is_between(1_000_000, 9_999_999) & (total % 10 == number % 10)


def mmsi_is_ship(mmsi: str | pl.Expr = "mmsi") -> pl.Expr:
    """Return whether an MMSI belongs to a ship station (nine digits, first digit 2 to 7); null stays null.

    Parameters
    ----------
    mmsi
        Column or expression with MMSI.

    References
    ----------
    Recommendation ITU-R M.585: 2 to 7 begin the country code of a ship; 00 is a coast station, 111 an
    aircraft, 97 a search transmitter, 98 a craft of a parent ship, 99 an aid to navigation.

    Examples
    --------
    >>> pl.DataFrame({"mmsi": [366952790, 992351000, 3669999]}).select(mmsi_is_ship())["mmsi"].to_list()
    [True, False, False]
    """
    return _column(mmsi).is_between(200_000_000, 799_999_999)


def ship_id(imo: str | pl.Expr = "imo", mmsi: str | pl.Expr = "mmsi") -> pl.Expr:
    """Return how a ship is called: ``imo:<number>``, else ``mmsi:<number>``; null where it has neither.

    Parameters
    ----------
    imo, mmsi
        Columns or expressions with the numbers.

    Examples
    --------
    >>> rows = pl.DataFrame({"imo": [9074729, None, None], "mmsi": [211839000, 338029926, None]})
    >>> rows.select(ship_id())["ship_id"].to_list()
    ['imo:9074729', 'mmsi:338029926', None]
    """
    return pl.coalesce(pl.format("imo:{}", _column(imo)), pl.format("mmsi:{}", _column(mmsi))).alias("ship_id")


def _column(name: str | pl.Expr) -> pl.Expr:
    return pl.col(name) if isinstance(name, str) else name
