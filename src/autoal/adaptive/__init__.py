"""Other ways to choose among strategies: controls and peers of AutoAL."""

from autoal.adaptive.albl import Albl
from autoal.adaptive.boss import Boss
from autoal.adaptive.controls import RandomWeights, UniformWeights
from autoal.adaptive.feedback import Adaptive
from autoal.adaptive.first_winner import FirstWinner
from autoal.adaptive.learning_curve import LearningCurve
from autoal.adaptive.lin_ucb import LinUCB
from autoal.adaptive.meta_query_net import MetaQueryNet
from autoal.adaptive.refine import Refine
from autoal.adaptive.round_robin import RoundRobin
from autoal.adaptive.select_al import SelectAL
from autoal.adaptive.shuffled_weights import ShuffledWeights
from autoal.adaptive.tailor import Tailor
from autoal.adaptive.tcm import Tcm

__all__ = [
    "Adaptive",
    "Albl",
    "Boss",
    "FirstWinner",
    "LearningCurve",
    "LinUCB",
    "MetaQueryNet",
    "RandomWeights",
    "Refine",
    "RoundRobin",
    "SelectAL",
    "ShuffledWeights",
    "Tailor",
    "Tcm",
    "UniformWeights",
]
