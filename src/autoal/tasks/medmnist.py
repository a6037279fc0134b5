"""OrganCMNIST, PathMNIST and TissueMNIST: medical images of 28 x 28 pixels, in .npz files (Yang et al. 2023)."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np

from autoal.errors import InputError
from autoal.tasks.data import DataSet
from autoal.tasks.download import RemoteFile, md5, warn_if_altered
from autoal.tasks.encoders import AsTheyAre, EfficientNetLite0
from autoal.tasks.files import LooseFiles
from autoal.tasks.npz import read_arrays
from autoal.tasks.source import Source

URL = "https://zenodo.org/records/10519652/files/"
ORGANS = (
    *("bladder", "femur-left", "femur-right", "heart", "kidney-left", "kidney-right", "liver", "lung-left"),
    *("lung-right", "pancreas", "spleen"),
)
TISSUES = (
    *("adipose", "background", "debris", "lymphocytes", "mucus", "smooth muscle", "normal colon mucosa"),
    *("cancer-associated stroma", "colorectal adenocarcinoma epithelium"),
)
CELLS = (
    *("collecting duct, connecting tubule", "distal convoluted tubule", "glomerular endothelial cells"),
    *("interstitial endothelial cells", "leukocytes", "podocytes", "proximal tubule segments", "thick ascending limb"),
)


def read(paths: tuple[Path, ...], name: str, checksum: str, classes: tuple[str, ...]) -> DataSet:
    """Images as (n, 1 or 3, 28, 28) uint8; the publisher's validation part is left alone."""
    path = paths[0]
    warn_if_altered([path] if md5(path) != checksum else [])
    x_train, y_train, x_test, y_test = read_arrays(path, ("train_images", "train_labels", "test_images", "test_labels"))
    for x in (x_train, x_test):
        if x.dtype != np.uint8 or x.ndim not in (3, 4) or (x.ndim == 4 and x.shape[3] not in (1, 3)):
            expected, hint = f"images (n, h, w) or (n, h, w, 3) of bytes in {path}", "remove it and get it again"
            raise InputError(expected, f"{x.dtype} {x.shape}", hint)
    for y in (y_train, y_test):
        if y.dtype.kind not in "iu":
            raise InputError(f"labels of whole numbers in {path}", f"{y.dtype}", "remove it and get it again")
    x_train, x_test = (x[:, None] if x.ndim == 3 else x.transpose(0, 3, 1, 2) for x in (x_train, x_test))
    y_train, y_test = (y.reshape(-1).astype(np.int64) for y in (y_train, y_test))
    return DataSet(name, np.ascontiguousarray(x_train), y_train, np.ascontiguousarray(x_test), y_test, classes)


def _source(name: str, summary: str, checksum: str, classes: tuple[str, ...], n_train: int, licence: str) -> Source:
    file = RemoteFile(f"{name}.npz", f"{URL}{name}.npz?download=1", checksum, f"put {name}.npz into --data-dir")
    return Source(
        name=name,
        summary=summary,
        format=file.name,
        origin="https://medmnist.com",
        licence=licence,
        files=LooseFiles((file,), (".", "medmnist")),
        read=partial(read, name=name, checksum=checksum, classes=classes),
        encoder=EfficientNetLite0(),
        pixels=AsTheyAre(),
        n_classes=len(classes),
        n_train=n_train,
    )


ORGANCMNIST = _source(
    "organcmnist", "abdominal organs in CT slices", "b9ceb9546e10131b32923c5bbeaea2b1", ORGANS, 12_975, "CC BY 4.0"
)
PATHMNIST = _source(
    "pathmnist", "tissues of colorectal cancer", "a8b06965200029087d5bd730944a56c1", TISSUES, 89_996, "CC BY 4.0"
)
TISSUEMNIST = _source(
    "tissuemnist", "cells of the kidney cortex", "ebe78ee8b05294063de985d821c1c34b", CELLS, 165_466, "CC BY 3.0"
)
