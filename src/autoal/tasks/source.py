"""What a data set is before it is in memory: its files, its loader, and what may be learnt from it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from autoal.tasks.data import DataSet
from autoal.tasks.download import data_directory
from autoal.tasks.encoders import Encoder
from autoal.tasks.encoders.cache import cached, fingerprint
from autoal.tasks.files import Files
from autoal.tasks.own import OwnFile

FEATURES = ("linear", "mlp")  # arms that learn from an encoder's features
PIXELS = ("cnn", "resnet18")  # arms that learn from images


@dataclass(frozen=True)
class Source:
    """One data set in its publisher's format.

    Args:
        name: what comes first in the name of a task.
        summary: one line for people.
        format: of the files.
        origin: where they come from.
        licence: as its publisher states it.
        files: where they are and how they come there.
        read: makes the data set of the files that `files` found.
        encoder: makes its frozen features.
        pixels: what prepares its images for the arms that learn from pixels; None if it has none.
        regime: the default one.
        n_classes: number of classes; None if only the files can say.
        n_train: samples that pools are drawn from; None if only the files can say.
        count: both, of the files that `files` found; None if they must be read for it.
        flips: whether an image may be shifted and mirrored without a change of its class.
        pool_size: samples drawn for the pool of each seed.
        test_size: samples drawn from the test part for each seed; None takes all.
        options: those of the loader that are not the default, as in the name of a task.
    """

    name: str
    summary: str
    format: str
    origin: str
    licence: str
    files: Files
    read: Callable[[tuple[Path, ...]], DataSet]
    encoder: Encoder
    pixels: Encoder | None = None
    regime: str = "low"
    n_classes: int | None = None
    n_train: int | None = None
    count: Callable[[tuple[Path, ...]], tuple[int, int]] | None = None
    flips: bool = False
    pool_size: int = 5000
    test_size: int | None = 5000
    options: tuple[str, ...] = ()

    @property
    def arms(self) -> tuple[str, ...]:
        """The models that can learn from it; the first is the default."""
        return FEATURES if self.pixels is None else FEATURES + PIXELS

    def load(self, data_dir: Path | None = None, encoder: Encoder | None = None) -> DataSet:
        """Read the files, which are downloaded if need be; with an encoder, as features, from the cache if there.

        Raises:
            AutoALError: the files are missing and cannot be had, or are damaged.
        """
        root = data_directory(data_dir)
        paths = self._found(root)
        if encoder is None:
            return self.read(paths)
        if not encoder.costly:
            return encoder(self.read(paths))
        recipe = f"{encoder!r} {' '.join(self.options)}"
        key = f"{self.name.partition(':')[0]}-{type(encoder).__name__.lower()}-{fingerprint(paths, recipe)}"
        return cached(root / "features", key, lambda: encoder(self.read(paths)))

    def contents(self) -> str:
        """What tells anybody's own files from other ones, and from the same after a change; "" of published data."""
        paths = self.files.find(Path()) if isinstance(self.files, OwnFile) else None
        return fingerprint(paths, "", times=False) if paths else ""

    def counts(self) -> tuple[int, int]:
        """How many classes there are, and samples that pools are drawn from; for your own data, files may be read."""
        if self.n_classes is not None and self.n_train is not None:
            return self.n_classes, self.n_train
        paths = self._found(data_directory(None))
        if self.count is not None:
            return self.count(paths)
        data = self.read(paths)
        return len(data.classes), len(data.x_train)

    def _found(self, root: Path) -> tuple[Path, ...]:
        paths = self.files.find(root)
        return self.files.fetch(root) if paths is None else paths
