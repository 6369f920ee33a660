"""Who bears what of a pooled fleet: the saving shared so that no ship is worse off than alone."""

import numpy as np
import polars as pl

from sisterport.reference import value
from sisterport.rules.pooling_fleet import Floats


def settle(ships: list[str], *, alone: Floats, own: Floats, received: Floats) -> tuple[pl.DataFrame, float | None]:
    """Return what every ship bears, and the price of a tonne of surplus that this comes to.

    The saving is what all ships pay alone less what they pay in the plan. A share of it, the constant
    ``pooling_givers_share``, goes to the ships that gave surplus, by tonnes given; the rest to the ships whose penalty
    fell, by how much it fell. So the shares are never negative and add up to the saving.

    Parameters
    ----------
    ships
        Names.
    alone, own
        Penalties of each ship alone and in the plan [EUR].
    received
        Surplus received from pools, ships by years; below zero it was given [t].

    Returns
    -------
    tuple of polars.DataFrame and float
        ship_id, alone_eur, own_eur, given_t, received_t, settled_eur, payment_eur; and payments over tonnes received,
        None if nothing moved.

    Examples
    --------
    >>> import numpy as np
    >>> frame, price = settle(["a", "b"], alone=np.array([60.0, 0.0]), own=np.zeros(2),
    ...                       received=np.array([[100.0], [-100.0]]))
    >>> frame["settled_eur"].to_list(), price
    ([30.0, -30.0], 0.3)
    """
    given, taken = np.maximum(-received, 0).sum(axis=1), np.maximum(received, 0).sum(axis=1)
    saving = float(alone.sum() - own.sum())
    fell = np.maximum(alone - own, 0)
    share = value("pooling_givers_share") if given.sum() > 0 else 0.0
    shares = np.zeros(len(ships))
    if given.sum() > 0:
        shares = shares + share * given / given.sum()
    if fell.sum() > 0:
        shares = shares + (1 - share) * fell / fell.sum()
    settled = alone - saving * shares
    payment = settled - own
    frame = pl.DataFrame(
        {
            "ship_id": pl.Series(ships, dtype=pl.String),
            "alone_eur": alone,
            "own_eur": own,
            "given_t": given,
            "received_t": taken,
            "settled_eur": settled,
            "payment_eur": payment,
        }
    )
    moved = float(taken.sum())
    return frame, float(np.maximum(payment, 0).sum()) / moved if moved > 0 else None
