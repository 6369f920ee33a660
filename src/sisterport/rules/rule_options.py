"""Every choice of method that a compliance account rests on, in one place, with its default."""

from dataclasses import dataclass

from sisterport.errors import InputError, choose
from sisterport.fuels.wtw import gwp_pair
from sisterport.rules.cii import LNG_LINES
from sisterport.rules.fueleu_fuels import UNMEASURED
from sisterport.rules.netzero import SCHEDULES
from sisterport.rules.scope import EFTA

UNKNOWN_PORTS = ("low", "high")
"""Which end of the range a leg counts with whose ports are not known; the range itself is always told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleOptions:
    """Choices of method of a compliance account.

    Attributes
    ----------
    gwp, unmeasured : str
        See `sisterport.rules.fueleu_fuels.factors`.
    efta, transhipment, outermost_derogation : str, str, bool
        See `sisterport.rules.scope.scope_shares`.
    unknown_ports : str
        One of `UNKNOWN_PORTS`.
    allowance_eur, usd_per_eur : float or None
        Price of an allowance [EUR/t] and exchange rate [USD/EUR]; None takes the flagged defaults of
        `sisterport.rules.prices`.
    nzf : bool
        Take the IMO Net-Zero Framework as adopted, which it is not.
    nzf_start_year, nzf_schedule, nzf_tier1_usd_per_t, nzf_tier2_usd_per_t
        See `sisterport.rules.netzero.balances`.
    lng_line : str
        See `sisterport.rules.cii.ratings`.
    cii_least_share : float
        Share of the hours of a year that the data must hold before a ship is rated: a rating is of a year.

    Examples
    --------
    >>> RuleOptions(allowance_eur=80.0).gwp
    'AR5'
    """

    gwp: str = "AR5"
    unmeasured: str = "zero"
    efta: str = "table"
    transhipment: str = "apply"
    outermost_derogation: bool = False
    unknown_ports: str = "low"
    allowance_eur: float | None = None
    usd_per_eur: float | None = None
    nzf: bool = False
    nzf_start_year: int | None = None
    nzf_schedule: str = "calendar"
    nzf_tier1_usd_per_t: float | None = None
    nzf_tier2_usd_per_t: float | None = None
    lng_line: str = "as_printed"
    cii_least_share: float = 0

    def __post_init__(self) -> None:
        gwp_pair(self.gwp)
        choose("value of unmeasured", self.unmeasured, UNMEASURED)
        choose("treatment of Norway and Iceland", self.efta, EFTA)
        choose("treatment of transhipment ports", self.transhipment, ("apply", "ignore"))
        choose("treatment of unknown ports", self.unknown_ports, UNKNOWN_PORTS)
        choose("schedule", self.nzf_schedule, SCHEDULES)
        choose("LNG carrier line", self.lng_line, LNG_LINES)
        if not 0 <= self.cii_least_share <= 1:
            raise InputError(f"cii_least_share is a share of a year, 0 to 1, not {self.cii_least_share:g}")
