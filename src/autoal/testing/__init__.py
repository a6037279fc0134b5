"""Problems and checks for those who write strategies."""

from autoal.testing.planted import Feature, Noise, planted_informative, planted_regions

__all__ = ["Feature", "Noise", "planted_informative", "planted_regions"]
