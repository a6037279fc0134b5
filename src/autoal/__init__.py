"""Active learning that learns by itself how far to trust each query strategy for each sample."""

from autoal import strategies
from autoal.errors import AutoALError, AutoALWarning
from autoal.learner import ActiveLearner
from autoal.models import SklearnModel, TorchModel
from autoal.pool import OUTSIDE, Pool
from autoal.search import AutoAL
from autoal.snapshot import Snapshot
from autoal.strategies import Strategy

__version__ = "0.1.0"

__all__ = [
    "OUTSIDE",
    "ActiveLearner",
    "AutoAL",
    "AutoALError",
    "AutoALWarning",
    "Pool",
    "SklearnModel",
    "Snapshot",
    "Strategy",
    "TorchModel",
    "__version__",
    "strategies",
]
