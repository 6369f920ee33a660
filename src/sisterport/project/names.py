"""Names of folders."""

import re


def slug(name: str) -> str:
    """Return a name fit for a folder: letters and digits of any script, joined by hyphens.

    Examples
    --------
    >>> slug("30 June 2020, one hour")
    '30-june-2020-one-hour'
    >>> slug("2025年3月")
    '2025年3月'
    """
    return re.sub(r"[^\w]+", "-", name.lower()).strip("-_")
