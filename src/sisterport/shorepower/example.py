"""A network small enough to check by hand, for the documentation and the tests. It is made up."""

from io import StringIO

import polars as pl

_UPGRADES = """\
upgrade_id,side,owner,locode,fix,cost_musd
inlet:ferry1,ship,ferry1,,inlet_retrofit,1.0
inlet:ferry2,ship,ferry2,,inlet_retrofit,1.0
inlet:box,ship,box,,inlet_retrofit,1.5
outlet:a,berth,a,AAAAA,new_outlet,3.0
outlet:b,berth,b,BBBBB,new_outlet,3.5
converter:b,berth,b,BBBBB,frequency_converter,2.5
converter:ferry1,ship,ferry1,,ship_converter,0.5
"""
_LINKS = """\
link_id,ship_id,berth_id,locode,energy_mwh,co2e_t,calls
ferry1@a,ferry1,a,AAAAA,4000.0,2000.0,365.0
ferry1@b,ferry1,b,BBBBB,4000.0,2100.0,365.0
ferry2@a,ferry2,a,AAAAA,3000.0,1500.0,300.0
ferry2@b,ferry2,b,BBBBB,3000.0,1600.0,300.0
box@b,box,b,BBBBB,900.0,500.0,40.0
"""
_NEEDS = """\
link_id,need,upgrade_id
ferry1@a,2,inlet:ferry1
ferry1@b,2,inlet:ferry1
ferry2@a,2,inlet:ferry2
ferry2@b,2,inlet:ferry2
box@b,2,inlet:box
ferry1@a,3,outlet:a
ferry2@a,3,outlet:a
ferry1@b,3,outlet:b
ferry2@b,3,outlet:b
box@b,3,outlet:b
ferry1@b,5,converter:b
ferry1@b,5,converter:ferry1
ferry2@b,5,converter:b
"""


def frames() -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Return upgrades, links and needs: two ferries and a container ship between Aport (50 Hz) and Beport (60 Hz).

    Examples
    --------
    >>> upgrades, links, needs = frames()
    >>> links.height, upgrades["cost_musd"].sum()
    (5, 13.0)
    """
    upgrades, links, needs = (pl.read_csv(StringIO(text)) for text in (_UPGRADES, _LINKS, _NEEDS))
    return upgrades, links, needs
