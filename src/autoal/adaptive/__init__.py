"""Other ways to choose among strategies: controls and peers of AutoAL."""

from autoal.adaptive.albl import Albl
from autoal.adaptive.controls import RandomWeights, UniformWeights
from autoal.adaptive.memory import Adaptive
from autoal.adaptive.tailor import Tailor

__all__ = ["Adaptive", "Albl", "RandomWeights", "Tailor", "UniformWeights"]
