"""Points where their distances can be told: single precision keeps seven digits of a norm."""

from __future__ import annotations

from torch import Tensor

FAR = 1000.0  # times as far from the origin as from their mean, in squares
LOOKED_AT = 1000  # rows that say where the points are


def near_origin(x: Tensor, *others: Tensor) -> tuple[Tensor, ...]:
    """Rows (n, D), and others of the same space; less about the mean of the former, if that is far.

    Squared distances come from norms and inner products, which cancel but for their last digits where all rows have
    much in common: years, or places in one town. Points that lie well are handed on as they are.
    """
    some = x[:: max(len(x) // LOOKED_AT, 1)]
    mean = some.mean(dim=0)
    if len(x) == 0 or float(mean.square().sum()) <= FAR * float((some - mean).square().sum(dim=1).mean()):
        return x, *others
    return x - mean, *(other - mean for other in others)
