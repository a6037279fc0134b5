"""Encoders: what turns samples into the frozen features that the arms `linear` and `mlp` learn from."""

from autoal.tasks.encoders.base import Encoder
from autoal.tasks.encoders.efficientnet import EfficientNetLite0, image_encoder
from autoal.tasks.encoders.minilm import MiniLM
from autoal.tasks.encoders.plain import AsTheyAre, Flattened, Kept, Standardised

__all__ = ["AsTheyAre", "EfficientNetLite0", "Encoder", "Flattened", "Kept", "MiniLM", "Standardised", "image_encoder"]
