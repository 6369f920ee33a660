"""Rows of one inlet or outlet that may exist, in plain Python: what is the worst of all ways in which they can."""

from collections import defaultdict
from itertools import product


def order(row, name):
    def last(v):
        return (v is None, v if v is not None else 0)

    return ((row[name] is None, row[name] or ""), last(row["voltage_kv"]), last(row["hz"]))


def lines(rows, thing):
    """Return the sets of rows of which at least one exists: those of one voltage, one frequency, one thing."""
    found = defaultdict(set)
    for n, row in enumerate(rows):
        found[row[thing]].add(n)
        for column in ("voltage_kv", "hz"):
            if row[column] is not None:
                found[row[thing], column, row[column]].add(n)
    return list(found.values())


def exists(rows, n, thing):
    return rows[n]["pair"] != "possible" or {n} in lines(rows, thing)


def selected(grades, rows, thing):
    """Return the worst that can be left, over every selection of rows that may be the ones that exist."""
    certain = {n for n, row in enumerate(rows) if row["pair"] != "possible"}
    others = [n for n in range(len(rows)) if n not in certain]
    worst = None
    for choice in product((False, True), repeat=len(others)):
        there = certain | {n for n, is_there in zip(others, choice, strict=True) if is_there}
        if all(line & there for line in lines(rows, thing)):
            left = min(grades[n] for n in there)
            worst = left if worst is None else max(worst, left)
    return worst
