"""What is to be said about a message: which check, how bad, where, what is wrong and what to do."""

from collections.abc import Iterable
from typing import Any, NamedTuple

import polars as pl

from sisterport.tables import empty

ERROR, WARN, INFO = "ERROR", "WARN", "INFO"
_LONGEST_MESSAGE, _LONGEST_PATH = 5000, 1000
"""Characters of a FeedbackElement (DCSA Port Call 2.0.0)."""


class Finding(NamedTuple):
    """One thing to say about a message.

    Attributes
    ----------
    check
        Name of the check.
    severity
        ``ERROR`` (refused), ``WARN`` (taken, but odd) or ``INFO``.
    path
        Place in the message, a JSONPath.
    fault, remedy
        What is wrong, and what to do.
    """

    check: str
    severity: str
    path: str
    fault: str
    remedy: str


def findings_frame(findings: Iterable[Finding]) -> pl.DataFrame:
    """Return findings as a frame of the table ``message_findings``.

    Examples
    --------
    >>> findings_frame([Finding("unit", "WARN", "$", "no unit", "give one")]).row(0)
    ('unit', 'WARN', '$', 'no unit', 'give one')
    """
    return pl.DataFrame(list(findings), schema=empty("message_findings").schema, orient="row")


def feedback(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """Return findings as FeedbackElements of DCSA Port Call 2.0.0.

    Examples
    --------
    >>> feedback([Finding("unit", "WARN", "$.a", "no unit", "give one")])
    [{'severity': 'WARN', 'message': 'unit: no unit; give one', 'propertyPath': '$.a'}]
    """
    return [
        {
            "severity": one.severity,
            "message": f"{one.check}: {one.fault}; {one.remedy}"[:_LONGEST_MESSAGE],
            "propertyPath": one.path[:_LONGEST_PATH],
        }
        for one in findings
    ]


def refused(findings: Iterable[Finding]) -> bool:
    """Say whether any of the findings is an error."""
    return any(finding.severity == ERROR for finding in findings)
