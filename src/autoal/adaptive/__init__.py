"""Other ways to choose among strategies: controls and peers of AutoAL."""

from autoal.adaptive.controls import RandomWeights, UniformWeights

__all__ = ["RandomWeights", "UniformWeights"]
