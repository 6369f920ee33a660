"""Count what happened to which rows, ship by ship, over any number of frames (see ``reasons.csv``)."""

from functools import cache

import polars as pl

from sisterport.ais.layouts import data_table

_BY_SHIP = {"reason": pl.String(), "mmsi": pl.Int64(), "rows": pl.Int64()}
_READABLE = {
    "mmsi": "a whole number",
    "time_utc": "a time",
    "imo": "an IMO number",
    "transceiver_class": "A or B",
}
_KNOWN_TEXT = {"nav_status": "a status code or a known text", "ais_type": "a type code or a known text"}


class Tally:
    """Rows by reason and ship; merges with other tallies without loss."""

    def __init__(self, by_ship: pl.DataFrame | None = None) -> None:
        self._parts = [] if by_ship is None else [by_ship.cast(pl.Schema(_BY_SHIP))]

    def add(self, reason: str, mmsi: pl.Series, rows: pl.Series | None = None) -> None:
        """Count one row, or `rows`, per entry of `mmsi` (null where unknown) under `reason`."""
        if mmsi.len():
            counted = pl.DataFrame({"mmsi": mmsi.cast(pl.Int64), "rows": 1 if rows is None else rows})
            by_ship = counted.group_by("mmsi").agg(pl.col("rows").cast(pl.Int64).sum())
            self.merge(by_ship.select(pl.lit(reason).alias("reason"), "mmsi", "rows"))

    def merge(self, by_ship: pl.DataFrame) -> None:
        """Add counts of another tally."""
        self._parts.append(by_ship)
        if len(self._parts) > 256:
            self._parts = [self.by_ship()]

    def by_ship(self) -> pl.DataFrame:
        """Return ``reason, mmsi, rows``."""
        if not self._parts:
            return pl.DataFrame(schema=_BY_SHIP)
        return pl.concat(self._parts).group_by("reason", "mmsi").agg(pl.col("rows").sum()).sort("reason", "mmsi")

    def report(self) -> pl.DataFrame:
        """Return ``reason, rows, ships, action, meaning`` of what happened, as ``reasons.csv`` orders it."""
        counts = self.by_ship().group_by("reason").agg(pl.col("rows").sum(), pl.col("mmsi").n_unique().alias("ships"))
        rows = [
            (
                _order(reason),
                {"reason": reason, "rows": n, "ships": ships, "action": action, "meaning": meaning},
            )
            for reason, n, ships in counts.iter_rows()
            for action, meaning in [_words(reason)]
        ]
        return pl.DataFrame(
            [row for _, row in sorted(rows, key=lambda pair: (pair[0], pair[1]["reason"]))],
            schema=REPORT_SCHEMA,
        )


REPORT_SCHEMA = {
    "reason": pl.String(),
    "rows": pl.Int64(),
    "ships": pl.Int64(),
    "action": pl.String(),
    "meaning": pl.String(),
}
"""Columns of every report."""


@cache
def _reasons() -> dict[str, tuple[int, str, str]]:
    return {row["reason"]: (i, row["action"], row["meaning"]) for i, row in enumerate(data_table("reasons"))}


def _key(reason: str) -> str:
    return "unreadable_*" if reason.startswith("unreadable_") else reason


def _order(reason: str) -> int:
    return _reasons()[_key(reason)][0]


def _words(reason: str) -> tuple[str, str]:
    _, action, meaning = _reasons()[_key(reason)]
    name = reason.removeprefix("unreadable_")
    kind = (_READABLE | _KNOWN_TEXT).get(name, "a number")
    return action, meaning.format(field=name, kind=kind)
