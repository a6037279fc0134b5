from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional

from autoal import ActiveLearner, Pool
from autoal.adaptive import UniformWeights
from autoal.arrays import IntArray
from autoal.errors import ColdStartWarning, InputError
from autoal.image_features import DescribedImages, ImageFeatures, _pooled, _small, _whitening, described
from autoal.inputs import ArrayInputs, SequenceInputs
from autoal.models import TorchModel
from autoal.models.small_cnn import small_cnn


def pictures(n: int, side: int = 16, seed: int = 0) -> tuple[Tensor, Tensor]:
    """Stripes (n, 1, side, side) of four directions, of any width, place, contrast and brightness; directions (n,)."""
    g = torch.Generator().manual_seed(seed)
    kind, (shift, width) = torch.randint(4, (n,), generator=g), torch.rand(2, n, 1, 1, generator=g)
    y, x = torch.meshgrid(torch.arange(side), torch.arange(side), indexing="ij")
    phase = torch.stack([x, y, x + y, x - y])[kind] * (0.8 + 1.2 * width) + 6 * shift
    contrast, brightness = 20 + 200 * torch.rand(2, n, 1, 1, generator=g)
    noise = 0.2 * torch.randn(n, side, side, generator=g)
    return (brightness + contrast * (torch.sin(phase) + noise))[:, None], kind


def nearest_is_of_its_kind(features: Tensor, kind: Tensor) -> float:
    distances = torch.cdist(features, features).fill_diagonal_(torch.inf)
    return float((kind[distances.argmin(dim=1)] == kind).float().mean())


def test_pictures_of_one_kind_are_neighbours_whatever_their_place_contrast_and_brightness() -> None:
    x, kind = pictures(300)
    features = ImageFeatures.of(x, np.random.default_rng(0))(x)
    assert features.shape == (300, 64)
    assert nearest_is_of_its_kind(features, kind) > 0.95
    assert nearest_is_of_its_kind(x.flatten(1), kind) < 0.85  # which pixels do not tell


def test_what_is_where_matters() -> None:
    """The same patch in one of the four corners of an empty picture."""
    g = torch.Generator().manual_seed(0)
    corner = torch.arange(200) % 4
    x = 0.01 * torch.randn(200, 1, 18, 18, generator=g)
    for i, c in enumerate(corner.tolist()):
        row, column = 12 * (c // 2), 12 * (c % 2)
        x[i, 0, row : row + 6, column : column + 6] += torch.eye(6)
    assert nearest_is_of_its_kind(ImageFeatures.of(x, np.random.default_rng(0))(x), corner) > 0.95


def slowly_pooled(image: Tensor, filters: Tensor, offsets: Tensor, floor: float, stride: int) -> Tensor:
    """(9 K,) of one image (channels, h, w): patch by patch, as the paper words it."""
    size = filters.shape[-1]
    rows, columns = (range(0, side - size + 1, stride) for side in image.shape[1:])
    shares = torch.empty(len(filters), len(rows), len(columns))
    for i, row in enumerate(rows):
        for j, column in enumerate(columns):
            patch = image[:, row : row + size, column : column + size].double().flatten()
            patch = (patch - patch.mean()) / (patch.var(correction=0) + floor).sqrt()
            nearness = filters.flatten(1).double() @ patch - offsets
            shares[:, i, j] = (nearness - nearness.mean()).clamp_min(0)
    return functional.adaptive_avg_pool2d(shares, 3).flatten()


@pytest.mark.parametrize(("side", "stride"), [(12, 1), (20, 2)])
def test_convolutions_give_what_patch_by_patch_gives(side: int, stride: int) -> None:
    g = torch.Generator().manual_seed(0)
    images, filters = 9 * torch.randn(3, 2, side, side + 2, generator=g), torch.randn(5, 2, 3, 3, generator=g)
    filters, offsets = filters - filters.mean(dim=(1, 2, 3), keepdim=True), torch.randn(5, generator=g)
    slow = torch.stack([slowly_pooled(image, filters, offsets, 0.5, stride) for image in images])
    assert torch.allclose(_pooled(images, filters, offsets, 0.5), slow, atol=1e-4)


def test_whitening_takes_out_correlations() -> None:
    g = torch.Generator().manual_seed(0)
    x = 100 * torch.randn(5000, 4, generator=g) @ torch.randn(4, 4, generator=g)
    assert torch.allclose(torch.cov((x @ _whitening(x)).T), torch.eye(4), atol=1e-2)


@pytest.mark.parametrize("shift", [0.0, 100.0])
@pytest.mark.parametrize("scale", [1 / 255, 1.0, 1000.0])
def test_neither_the_unit_of_brightness_nor_its_zero_matters(scale: float, shift: float) -> None:
    x, kind = pictures(200)
    features = ImageFeatures.of(scale * (x + shift), np.random.default_rng(0))(scale * (x + shift))
    assert nearest_is_of_its_kind(features, kind) > 0.9


def test_large_images_are_shrunk_and_small_ones_are_left() -> None:
    assert _small(torch.zeros(2, 3, 64, 200)).shape == (2, 3, 32, 100)
    assert _small(torch.zeros(2, 3, 32, 50, dtype=torch.uint8)).shape == (2, 3, 32, 50)
    x, kind = pictures(150, side=32)
    large = ArrayInputs(functional.interpolate(x, (64, 64)))
    assert nearest_is_of_its_kind(described(large).take(np.arange(150)), kind) > 0.9


def test_many_channels_are_averaged_and_few_are_left() -> None:
    spectra = torch.rand(2, 48, 8, 9)
    means = torch.stack([spectra[:, 3 * k : 3 * k + 3].mean(dim=1) for k in range(16)], dim=1)
    assert torch.allclose(_small(spectra), means)
    assert torch.equal(_small(spectra[:, :16]), spectra[:, :16])
    x, kind = pictures(150, side=32)
    found = described(ArrayInputs(x.expand(-1, 200, -1, -1)))
    assert nearest_is_of_its_kind(found.take(np.arange(150)), kind) > 0.9
    assert isinstance(found, DescribedImages)
    assert found._learned.filters.shape[1] == 16


@pytest.mark.parametrize(
    "inputs",
    [
        ArrayInputs(np.zeros((120, 5))),
        ArrayInputs(np.zeros((120, 20, 30))),  # a sequence
        ArrayInputs(np.zeros((120, 32, 32, 3))),  # channels where a side should be
        ArrayInputs(np.zeros((99, 3, 8, 8))),  # too few to learn from
        SequenceInputs([torch.zeros(7)] * 120),
    ],
)
def test_what_is_no_pool_of_images_stays_as_it_is(inputs: Any) -> None:
    assert described(inputs) is inputs


def test_blank_images_are_all_alike() -> None:
    features = described(ArrayInputs(np.full((120, 1, 8, 8), 7.0))).take(np.arange(120))
    assert features.shape == (120, 64)
    assert torch.allclose(features, features[:1].expand(120, -1))


class Damaged(ArrayInputs):
    """Images of which some cannot be read."""

    def __init__(self, images: Tensor, damaged: set[int]) -> None:
        super().__init__(images)
        self.damaged = damaged

    def take(self, rows: IntArray) -> Tensor:
        if self.damaged & set(rows.tolist()):
            raise InputError("an image", "a damaged one", "another")
        return super().take(rows)


def test_images_that_cannot_be_read_harm_no_others() -> None:
    x, kind = pictures(300)
    damaged = {0, 17, 18, *range(192, 266)}
    images = Damaged(x, set(damaged))
    features = described(images)
    good = np.array([i for i in range(300) if i not in damaged])
    assert nearest_is_of_its_kind(features.take(good), kind[good]) > 0.9
    with pytest.raises(InputError, match="a damaged one"):
        features.take(np.array([4, 17]))
    images.damaged.clear()  # the files have been repaired
    assert nearest_is_of_its_kind(features.take(np.arange(300)), kind) > 0.9


def test_few_readable_images_and_none_at_the_beginning_are_described_too() -> None:
    x, kind = pictures(150)
    good = np.arange(100, 150)
    features = described(Damaged(x, set(range(100)))).take(good)
    assert features.shape == (50, 64)
    assert nearest_is_of_its_kind(features, kind[good]) > 0.8


def test_images_of_several_sizes_are_one_error_that_says_what_to_do() -> None:
    images = SequenceInputs([torch.zeros(1, 8 + i // 110, 8) for i in range(120)])
    with pytest.raises(InputError, match=r"samples of one shape.*size=\(height, width\)"):
        described(images).take(np.arange(120))


def test_never_are_many_images_there_at_full_size() -> None:
    taken: list[int] = []

    class Counts(ArrayInputs):
        def take(self, rows: IntArray) -> Tensor:
            taken.append(len(rows))
            return super().take(rows)

    described(Counts(pictures(300)[0])).take(np.arange(300))
    assert max(taken) <= 64


def test_an_image_that_is_not_finite_is_an_error_when_it_is_asked_for() -> None:
    x, kind = pictures(150)
    x[7, 0, 3, 3] = torch.nan
    features, good = described(SequenceInputs(list(x))), np.delete(np.arange(150), 7)
    assert nearest_is_of_its_kind(features.take(good), kind[good]) > 0.9
    with pytest.raises(InputError, match="nan in row 7"):
        features.take(np.array([3, 7]))


def learner(x: Tensor, strategy: Any) -> ActiveLearner:
    model = TorchModel(lambda n_classes: small_cnn(n_classes, 1, 4), epochs=1, min_steps=5)
    found = ActiveLearner(Pool(x, classes=4), model, strategy, progress=False)
    found.teach(range(8), np.arange(8) % 4)
    return found


def test_a_learner_spreads_its_batch_by_them_and_looks_at_the_images_once(monkeypatch: pytest.MonkeyPatch) -> None:
    x = pictures(150)[0]
    looked: list[int] = []
    whole = ImageFeatures.__call__

    def counted(self: ImageFeatures, images: Tensor) -> Tensor:
        looked.append(len(images))
        return whole(self, images)

    monkeypatch.setattr(ImageFeatures, "__call__", counted)
    one = learner(x, UniformWeights(["margin"]))
    first = one.query(6).tolist()
    one.query(6)
    assert sum(looked) == 150
    assert learner(x, UniformWeights(["margin"])).query(6).tolist() == first
    looked.clear()
    assert learner(x, UniformWeights(["margin"], space="embedding")).query(6).tolist() != first
    learner(x, "margin").query(6)
    assert not looked


def test_they_do_not_depend_on_who_asks_first() -> None:
    x = pictures(150)[0]
    some = DescribedImages(ArrayInputs(x), False)
    assert torch.equal(some.take(np.array([140, 3])), described(ArrayInputs(x)).take(np.arange(150))[[140, 3]])


def test_without_a_label_the_first_batch_has_all_kinds() -> None:
    x, kind = pictures(300)
    one = ActiveLearner(Pool(x, classes=4), TorchModel(lambda n_classes: small_cnn(n_classes, 1, 4)), progress=False)
    with pytest.warns(ColdStartWarning):
        ids = one.query(12)
    assert torch.bincount(kind[ids], minlength=4).min() >= 2
