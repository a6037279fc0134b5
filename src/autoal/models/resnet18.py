"""ResNet-18 with the stem for small images: a 3 x 3 convolution of stride 1 and no pooling."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class Block(nn.Module):
    """Two 3 x 3 convolutions and a shortcut."""

    def __init__(self, n_in: int, n_out: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(n_in, n_out, 3, stride, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(n_out)
        self.conv2 = nn.Conv2d(n_out, n_out, 3, 1, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(n_out)
        self.shortcut: nn.Module = nn.Identity()
        if stride != 1 or n_in != n_out:
            self.shortcut = nn.Sequential(nn.Conv2d(n_in, n_out, 1, stride, bias=False), nn.BatchNorm2d(n_out))

    def forward(self, x: Tensor) -> Tensor:
        """Maps (n, n_in, h, w) to (n, n_out, h / stride, w / stride)."""
        out = torch.relu(self.norm1(self.conv1(x)))
        return torch.relu(self.norm2(self.conv2(out)) + self.shortcut(x))


class ResNet18(nn.Module):
    """He et al., CVPR 2016, for images of about 32 x 32."""

    def __init__(self, n_classes: int, channels: int = 3, width: int = 64, stride: int = 1) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2d(channels, width, 3, stride, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU(inplace=True)
        )
        widths = (width, 2 * width, 4 * width, 8 * width)
        self.stages = nn.ModuleList(
            nn.Sequential(Block(n_in, n_out, stride), Block(n_out, n_out, 1))
            for n_in, n_out, stride in zip((width, *widths), widths, (1, 2, 2, 2), strict=False)
        )
        self.fc: nn.Module = nn.Linear(widths[-1], n_classes)

    def forward_stages(self, x: Tensor) -> tuple[Tensor, ...]:
        """The maps (n, channels, h, w) after each of the four stages."""
        if x.is_cuda:  # whose convolutions want the channels of a pixel side by side; a CPU gains nothing from it
            x = x.contiguous(memory_format=torch.channels_last)
        x, maps = self.stem(x), []
        for stage in self.stages:
            x = stage(x)
            maps.append(x)
        return tuple(maps)

    def forward(self, x: Tensor) -> Tensor:
        """Logits (n, n_classes) of images (n, channels, h, w)."""
        return torch.as_tensor(self.fc(self.forward_stages(x)[-1].mean(dim=(2, 3))))


def resnet18(n_classes: int, channels: int = 3, width: int = 64, stride: int = 1) -> ResNet18:
    """A fresh ResNet-18; `width` 64 is the published one, with 11.2 million parameters. `stride` is the stem's."""
    return ResNet18(n_classes, channels, width, stride)
