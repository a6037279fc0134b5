"""A data set in memory: samples with their labels, split for training and testing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from autoal.errors import InputError
from autoal.pool import OUTSIDE

IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True)
class DataSet:
    """Samples with their labels; images are (n, channels, height, width), features (n, D), texts (n,)."""

    name: str
    x_train: npt.NDArray[Any]  # (n, ...) uint8, float32, float64 or text
    y_train: IntArray  # (n,), `autoal.OUTSIDE` for samples of none of the classes
    x_test: npt.NDArray[Any]
    y_test: IntArray
    classes: tuple[str, ...]

    def __post_init__(self) -> None:
        for part, x, y in (("train", self.x_train, self.y_train), ("test", self.x_test, self.y_test)):
            if y.shape != (len(x),) or len(x) == 0:
                got = f"{y.shape} and {len(x)}"
                raise InputError(f"as many labels as samples in {self.name} {part}", got, "whole files")
            known = y[y != OUTSIDE] if part == "train" else y
            if len(known) == 0 or known.min() < 0 or known.max() >= len(self.classes):
                got = f"{known.min()} to {known.max()}" if len(known) else "none"
                raise InputError(f"labels of {self.name} {part} from 0 to {len(self.classes) - 1}", got, "whole files")
        self._check_types()

    def _check_types(self) -> None:
        if not all(isinstance(name, str) for name in (self.name, *self.classes)):
            raise InputError("texts as the names of a data set and of its classes", repr(self.classes), "str(name)")
        for x, y in ((self.x_train, self.y_train), (self.x_test, self.y_test)):
            if (x.dtype not in (np.uint8, np.float32, np.float64) and x.dtype.kind != "U") or y.dtype != np.int64:
                got = f"{x.dtype} and {y.dtype}"
                raise InputError(
                    f"uint8, float32 or float64 samples, or texts, and int64 labels in {self.name}", got, "astype"
                )
        if self.x_train.shape[1:] != self.x_test.shape[1:]:
            got = f"{self.x_train.shape[1:]} and {self.x_test.shape[1:]}"
            raise InputError(f"training and test samples of one shape in {self.name}", got, "files of one data set")
