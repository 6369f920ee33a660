"""The one-file report; pages of the web site will use the same templates, charts and style sheet."""

from sisterport.site.report import Period, Provenance, write_report

__all__ = ["Period", "Provenance", "write_report"]
