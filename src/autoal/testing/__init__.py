"""Problems and checks for those who write strategies; the contract needs pytest and hypothesis."""

from typing import TYPE_CHECKING, Any

from autoal.testing.decoys import Confident, Dense
from autoal.testing.planted import Feature, Noise, planted_informative, planted_regions, planted_unlearnable
from autoal.testing.planted_images import Mark, planted_images

if TYPE_CHECKING:
    from autoal.testing.contract import StrategyContract

__all__ = [
    "Confident",
    "Dense",
    "Feature",
    "Mark",
    "Noise",
    "StrategyContract",
    "planted_images",
    "planted_informative",
    "planted_regions",
    "planted_unlearnable",
]


def __getattr__(name: str) -> Any:
    """The contract is imported when it is asked for: the library itself does not need hypothesis."""
    if name == "StrategyContract":
        from autoal.testing.contract import StrategyContract

        return StrategyContract
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
