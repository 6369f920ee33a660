"""Three-valued answers are True, False and None. A number that may be unknown is a pair (least, most)."""

from sisterport.tables import schema

SLACK = 1e-9


def both(*answers):
    if any(a is False for a in answers):
        return False
    return None if any(a is None for a in answers) else True


def either(*answers):
    if any(a is True for a in answers):
        return True
    return None if any(a is None for a in answers) else False


def at_most(a, b):
    if a[1] <= b[0] + SLACK * abs(b[0]):
        return True
    return False if a[0] > b[1] + SLACK * abs(b[1]) else None


def equal(a, b):
    if a is None or b is None:
        return None
    return a.strip().lower() == b.strip().lower() if isinstance(a, str) else a == b


def near(wanted, given, below, above):
    if wanted is None or given is None:
        return None
    return wanted * (1 - below) - SLACK <= given <= wanted * (1 + above) + SLACK


def span(row, table, column):
    limit = schema(table)[column]
    return (row[column], row[column]) if row[column] is not None else (limit.minimum, limit.maximum)


def plus(a, b):
    return (a[0] + b[0], a[1] + b[1])


def minus(a, b):
    return (a[0] - b[1], a[1] - b[0])


def least(*spans):
    return (min(s[0] for s in spans), min(s[1] for s in spans))


def most(*spans):
    return (max(s[0] for s in spans), max(s[1] for s in spans))


def words(text):
    return {w.strip() for w in text.split("|")} if text else set()


def possible_sides(side):
    if side is None:
        return [{"port"}, {"starboard"}, {"port", "starboard"}]
    return [{"port", "starboard"} if side in ("both", "either") else {side}]
