"""The architectures and the augmentation that the package ships."""

from __future__ import annotations

import torch
from torch import nn

from autoal.models.augment import crop_flip
from autoal.models.mlp import mlp
from autoal.models.resnet18 import resnet18
from autoal.models.small_cnn import small_cnn


def parameters(module: nn.Module) -> int:
    return sum(p.numel() for p in module.parameters())


def test_resnet18_has_the_published_number_of_parameters_and_maps() -> None:
    net = resnet18(10)
    assert parameters(net) == 11_173_962
    shapes = [tuple(stage.shape[1:]) for stage in net.eval().forward_stages(torch.zeros(1, 3, 32, 32))]
    assert shapes == [(64, 32, 32), (128, 16, 16), (256, 8, 8), (512, 4, 4)]
    assert resnet18(7, channels=1, width=8).eval()(torch.zeros(2, 1, 28, 28)).shape == (2, 7)


def test_mlp_without_hidden_layers_is_a_softmax_regression() -> None:
    assert parameters(mlp(20, 3, hidden=())) == 63
    assert parameters(mlp(20, 3, hidden=(10,))) == 243
    assert mlp(64, 3)(torch.zeros(2, 8, 8)).shape == (2, 3)


def test_small_cnn_takes_images_of_both_sizes() -> None:
    for channels, size in ((1, 28), (3, 32)):
        assert small_cnn(10, channels=channels).eval()(torch.zeros(2, channels, size, size)).shape == (2, 10)


def test_every_image_is_a_shifted_and_perhaps_flipped_copy() -> None:
    batch = torch.arange(1.0, 5 * 2 * 6 * 6 + 1).reshape(5, 2, 6, 6)
    moved = crop_flip(batch, torch.Generator().manual_seed(0), padding=2)
    padded = nn.functional.pad(batch, (2, 2, 2, 2))
    kinds = set()
    for image, around in zip(moved, padded, strict=True):
        places = [
            (top, left, flip)
            for top in range(5)
            for left in range(5)
            for flip in (False, True)
            if torch.equal(image, (lambda w, f: w.flip(2) if f else w)(around[:, top : top + 6, left : left + 6], flip))
        ]
        assert len(places) == 1
        kinds.add(places[0])
    assert len(kinds) > 1
    assert torch.equal(moved, crop_flip(batch, torch.Generator().manual_seed(0), padding=2))
