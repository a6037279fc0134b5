"""AutoAL: the search for how far to trust each candidate for each sample, and the choice of the batch."""

from autoal.search.autoal import AutoAL
from autoal.search.ensemble import Ensemble, Report
from autoal.search.settings import SearchSettings
from autoal.strategies.coverage import herding

__all__ = ["AutoAL", "Ensemble", "Report", "SearchSettings", "herding"]
