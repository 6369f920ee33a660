"""Decimal numbers as text, as iLEAP and PACT write them."""

from decimal import Decimal

from sisterport.errors import InputError


def decimal_text(number: float | Decimal) -> str:
    """Return a number as the decimal text of iLEAP and PACT: without an exponent, and reading back to the same float.

    Examples
    --------
    >>> decimal_text(4.58e-05), decimal_text(2.0), float(decimal_text(0.1 + 0.2)) == 0.1 + 0.2
    ('0.0000458', '2', True)
    """
    exact = number if isinstance(number, Decimal) else Decimal(repr(float(number)))
    if not exact.is_finite():
        raise InputError(f"{number} cannot be written as a decimal")
    text = format(exact, "f")
    short = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if exact == 0 else short
