"""What images are like, learned from the images alone: which small patterns they hold, and where."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
import torch
from sklearn.cluster import MiniBatchKMeans
from sklearn.decomposition import PCA
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits
from torch import Tensor
from torch.nn import functional

from autoal.arrays import IntArray
from autoal.inputs import Inputs, readable, require_finite
from autoal.progress import track
from autoal.random import SeedTree, torch_generator

PATTERNS, PARTS, COMPONENTS = 200, 3, 64  # patterns that are told apart; parts of a side; features in the end
SIDE, SMALLEST = 32, 8  # pixels: longer sides are shrunk to so many, and with fewer there is no picture
BANDS = 16  # more channels are shrunk to so many, as the cost grows with their square
SAMPLE, PATCHES, FEWEST = 2000, 20, 100  # images that are learned from, patches of each; fewer images are left alone
FLOOR, RIDGE = 0.01, 0.1  # of the mean variance in a patch, and of whitened ones: less contrast is noise
FIRST, CHUNK = 16, 64  # samples that tell whether they are images; images that are read at one time


@dataclass(frozen=True)
class ImageFeatures:
    """Features (n, 64) of images: the most frequent patterns of small patches, how strong they are in each ninth.

    Patches of a quarter of a side are brought to one contrast and whitened; k-means finds 200 patterns among them. A
    patch has as much of a pattern as it is nearer to it than to the others; that is averaged over each ninth of the
    image and reduced to principal components. Of more than 16 channels, as of spectra, neighbours are averaged. No
    labels, and nothing that was learned elsewhere.

    Source: Coates, Ng and Lee, "An analysis of single-layer networks in unsupervised feature learning", AISTATS 2011;
    here with patches half as dense, inner products in place of distances, and principal components.
    """

    filters: Tensor  # (K, channels, p, p), whitening included
    offsets: Tensor  # (K,)
    floor: float  # variance that is added to that of each patch
    components: Pipeline

    @classmethod
    def of(cls, images: Tensor, rng: np.random.Generator) -> Self:
        """Learned from images (s, channels, h, w)."""
        images = _small(images)
        size = max(min(images.shape[2:]) // 4, 3)
        patches = _patches(images, size, torch_generator(rng))
        floor = FLOOR * float(patches.var(dim=1, correction=0).mean()) + torch.finfo(torch.float32).tiny
        patches = patches - patches.mean(dim=1, keepdim=True)
        patches /= (patches.var(dim=1, keepdim=True, correction=0) + floor).sqrt()
        mean, white = patches.mean(dim=0), _whitening(patches)
        seed = int(rng.integers(2**31))
        clusters = MiniBatchKMeans(min(PATTERNS, len(patches)), n_init=1, batch_size=2048, random_state=seed)
        patterns = torch.from_numpy(clusters.fit(((patches - mean) @ white).numpy()).cluster_centers_)
        patterns = functional.normalize(patterns.float(), dim=1) @ white
        offsets, patterns = patterns @ mean, patterns - patterns.mean(dim=1, keepdim=True)
        filters = patterns.reshape(len(patterns), images.shape[1], size, size)
        pooled = torch.cat([_pooled(part, filters, offsets, floor) for part in images.split(CHUNK)])
        kept = min(COMPONENTS, len(images))
        components = make_pipeline(StandardScaler(), PCA(kept, svd_solver="randomized", random_state=seed))
        with np.errstate(invalid="ignore", divide="ignore"):  # images all alike have no variance to share out
            return cls(filters, offsets, floor, components.fit(pooled.numpy()))

    def __call__(self, images: Tensor) -> Tensor:
        """Images (n, channels, h, w) of any type as features (n, 64) float32; zero what few images had no room for."""
        pooled = _pooled(_small(images), self.filters, self.offsets, self.floor)
        with threadpool_limits(1, "blas"):  # its threads and torch's, in turns, would wait for each other
            features = torch.from_numpy(self.components.transform(pooled.numpy()).astype(np.float32))
        return functional.pad(features, (0, COMPONENTS - features.shape[1]))


class DescribedImages:
    """Images as their `ImageFeatures`; those of all images are computed when the first are asked for, and kept."""

    def __init__(self, images: Inputs, progress: bool) -> None:
        self.images, self.progress = images, progress

    def __len__(self) -> int:
        return len(self.images)

    def take(self, rows: IntArray) -> Tensor:
        """The features at `rows`, (n, 64).

        Raises:
            InputError: an image cannot be read.
        """
        which = torch.from_numpy(rows)
        unread = which[self._all[which, 0].isnan()]
        if len(unread):  # now its error is due, unless the file has been repaired
            images = self.images.take(unread.numpy())
            require_finite(images, unread.numpy())
            self._all[unread] = self._learned(images)
        return self._all[which]

    @cached_property
    def _learned(self) -> ImageFeatures:
        rng, n = SeedTree(0).child("image features").generator(), len(self.images)
        return ImageFeatures.of(readable(self.images, np.sort(rng.permutation(n)[:SAMPLE]), _small)[1], rng)

    @cached_property
    def _all(self) -> Tensor:
        """NaN where an image cannot be read, which may have been answered with `OUTSIDE` and is not asked for again."""
        n = len(self.images)
        found, parts = torch.full((n, COMPONENTS), torch.nan), np.array_split(np.arange(n), -(-n // CHUNK))
        for part in track(parts, len(parts), "looking at images", self.progress):
            rows, images = readable(self.images, part)
            if len(rows):
                found[torch.from_numpy(rows)] = self._learned(images)
        return found


def described(inputs: Inputs, progress: bool = False) -> Inputs:
    """The features of images (n, channels, h, w), if there are 100 and each has 8 x 8 pixels; else the inputs.

    They depend on the inputs alone, so that two learners with one pool have the same.
    """
    if len(inputs) < FEWEST:
        return inputs
    parts = np.array_split(np.arange(len(inputs)), len(inputs) // FIRST)
    shape = next((x.shape[1:] for part in parts if len(x := readable(inputs, part)[1])), torch.Size())
    return DescribedImages(inputs, progress) if len(shape) == 3 and min(shape[1:]) >= SMALLEST else inputs


def _small(images: Tensor) -> Tensor:
    """Float32, the shorter side of at most 32 pixels, neighbours of more than 16 channels averaged."""
    images, shorter = images.float(), min(images.shape[2:])
    if shorter > SIDE:
        size = [max(round(side * SIDE / shorter), 1) for side in images.shape[2:]]
        images = functional.interpolate(images, size, mode="area")
    if images.shape[1] > BANDS:
        images = functional.adaptive_avg_pool3d(images, (BANDS, *images.shape[2:]))
    return images


def _patches(images: Tensor, size: int, generator: torch.Generator) -> Tensor:
    """Patches (20 s, channels p p) at random places of images (s, channels, h, w)."""
    tiles = images.unfold(2, size, 1).unfold(3, size, 1)  # (s, channels, rows, columns, p, p), a view
    which = torch.arange(len(images)).repeat_interleave(PATCHES)
    row, column = (torch.randint(n, (len(which),), generator=generator) for n in tiles.shape[2:4])
    return tiles[which, :, row, column].flatten(1)


def _whitening(patches: Tensor) -> Tensor:
    """The symmetric matrix (d, d) that makes patches (m, d) of mean zero uncorrelated, but for a ridge."""
    variance, axes = torch.linalg.eigh(torch.cov(patches.T))
    white: Tensor = axes @ torch.diag((variance.clamp_min(0) + RIDGE).rsqrt()) @ axes.T
    return white


def _pooled(images: Tensor, filters: Tensor, offsets: Tensor, floor: float) -> Tensor:
    """How much of each pattern is in each ninth of images (n, channels, h, w), as (n, 9 K)."""
    size, stride = filters.shape[-1], 2 if min(images.shape[2:]) >= SIDE // 2 else 1

    def mean(x: Tensor) -> Tensor:
        return functional.avg_pool2d(x, size, stride).mean(dim=1, keepdim=True)

    variance = (mean(images**2) - mean(images) ** 2).clamp_min(0)
    nearness = functional.conv2d(images, filters, stride=stride)  # all that follows is in place, as it is large
    nearness.div_((variance + floor).sqrt()).sub_(offsets[:, None, None])
    nearness.sub_(nearness.mean(dim=1, keepdim=True)).clamp_min_(0)
    return functional.adaptive_avg_pool2d(nearness, PARTS).flatten(1)
