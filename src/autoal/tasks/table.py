"""`csv:PATH`: anybody's table of numbers with a column of labels."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from autoal.csv_file import read_csv
from autoal.inputs import ArrayInputs
from autoal.label_checks import require_no_values_as_text
from autoal.pool import UNKNOWN, Pool
from autoal.random import SeedTree
from autoal.tasks.data import DataSet
from autoal.tasks.encoders import Standardised
from autoal.tasks.own import OwnFile, own_name
from autoal.tasks.source import Source

TEST_SHARE = 0.2  # of the rows, the same ones whatever the seed of a run
HOW = "a comma-separated table with a header, numbers, and a column of labels: csv:PATH/label=COLUMN"


@dataclass(frozen=True)
class ReadTable:
    """Reads features (n, D) float32; rows without a label are left out, a fifth of the others is for testing."""

    label: str = "label"

    def __call__(self, paths: tuple[Path, ...]) -> DataSet:
        """The table in the one file of `paths`."""
        table = read_csv(paths[0], self.label, labelled=True)
        require_no_values_as_text(table.labels or [])
        pool = Pool(ArrayInputs(table.X, table.columns), table.labels)
        rows = np.flatnonzero(pool.labels != UNKNOWN)
        assert isinstance(pool.inputs, ArrayInputs)
        x, y = np.asarray(pool.inputs.array)[rows], pool.labels[rows]
        order = SeedTree(0).child("csv", "test").generator().permutation(len(y))
        test, train = np.sort(order[: int(TEST_SHARE * len(y))]), np.sort(order[int(TEST_SHARE * len(y)) :])
        return DataSet("csv", x[train], y[train], x[test], y[test], tuple(str(name) for name in pool.classes))


def source(path: str, options: tuple[str, ...] = (), label: str = "label") -> Source:
    """The data set in the table at `path`."""
    return Source(
        name=own_name("csv", path),
        summary="your own table",
        format="a comma-separated table with a header, numbers, and a column of labels",
        origin="yours",
        licence="yours",
        files=OwnFile(path, HOW),
        read=ReadTable(label),
        encoder=Standardised(),
        options=options,
    )
