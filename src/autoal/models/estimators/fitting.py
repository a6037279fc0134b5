"""Fits a fresh clone of an estimator, on data in the form that it takes."""

from __future__ import annotations

import copy
import re
import warnings
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import sklearn.base
from sklearn.exceptions import ConvergenceWarning
from torch import Tensor

from autoal.arrays import IntArray
from autoal.errors import ModelError
from autoal.labels import Classes
from autoal.models.estimators.acceptance import require_predict_proba
from autoal.models.estimators.class_columns import class_columns
from autoal.models.estimators.encoding import Encoding, known_keys, translated
from autoal.models.estimators.errors import Known, as_model_errors
from autoal.models.estimators.pipeline import opened
from autoal.models.estimators.probabilities import log_probabilities, probabilities
from autoal.models.estimators.table import as_table
from autoal.random import seeded

PREDICTS = "an estimator that predicts once it is fitted"
UNCLEAR = (AttributeError, RuntimeError, TypeError)  # of a constructor that does not keep its arguments by their names
ABOUT_PRECISION = r"dtype|scalar type"  # as PyTorch says where its weights are of single precision
ABOUT_COLUMNS = r"feature.?names?|column|JSON|DataFrame"


@dataclass(frozen=True)
class Form:
    """The form of the data that an estimator is given."""

    encoding: Encoding
    columns: tuple[str, ...] | None  # names, for a data frame; None: an array
    single: bool = False  # numbers in single precision, whatever the pool has

    def table(self, X: npt.NDArray[Any]) -> Any:
        """X (n, d) in this form, as a copy."""
        return as_table(np.array(X, dtype=np.float32 if self.single else None), self.columns)


@dataclass(frozen=True)
class FittedEstimator:
    """A fitted estimator, and how it is asked."""

    estimator: Any
    form: Form
    classes: IntArray  # (K,) of the columns of `predict_proba`; -1: of no class
    n_classes: int
    transformers: Sequence[Any]
    classifier: Any  # the last step of a pipeline, or the estimator itself
    known: Known

    def whole(self) -> Self:
        """Take the whole pipeline for the classifier, which then reads the samples themselves."""
        return replace(self, transformers=(), classifier=self.estimator)

    def read(self, X: npt.NDArray[Any]) -> Any:
        """Transform samples (n, d) into what the classifier reads."""
        table = self.form.table(X)
        with as_model_errors(PREDICTS, self.known):
            for step in self.transformers:
                table = step.transform(table)
        return table

    def log_probs(self, read: Any, member: Any = None, classes: IntArray | None = None) -> Tensor:
        """Log-probabilities (n, C) of the classifier, or of a member with its own classes (K,)."""
        asked = self.classifier if member is None else member
        with as_model_errors(PREDICTS, self.known):
            return log_probabilities(asked, read, self.classes if classes is None else classes, self.n_classes)


@dataclass(frozen=True)
class Fitting:
    """Fits one estimator on some labels, in one form after another until it takes it.

    An estimator that is given the names of the classes, in the precision and with the columns of the pool, gives what
    it would without this package. Where it fails, it is given single precision, labels 0 .. k - 1 or an array, in
    turn, from a fresh clone with the same seeds. If nothing helps, the error is raised that is no matter of the form.
    """

    estimator: Any
    X: npt.NDArray[Any]  # (m, d)
    labels: IntArray  # (m,) class indices
    n_classes: int
    classes: Classes | None
    columns: tuple[str, ...] | None
    rng: np.random.Generator

    def fit(self) -> FittedEstimator:
        """The fitted estimator.

        Raises:
            ModelError: it fits in no form, or cannot predict then.
        """
        form: Form | None = Form(Encoding.by_name(self._known.classes), self.columns)
        fresh = self._seeded_clone()
        reason: Exception | None = None  # to be raised if nothing helps
        last, renamed = reason, False
        while form is not None:
            try:
                return self._with_all_columns(fresh, self._fitted(fresh, form))
            except (ModelError, Warning) as error:  # a warning, where the user made them errors
                if reason is None or (renamed and reason is last and not _alike(reason, error)):
                    reason = error
                last, following = error, self._next(fresh, form, _said(error))
                renamed = following is not None and following.columns == form.columns  # or of another precision
                form = following
        assert reason is not None
        raise reason

    def _seeded_clone(self) -> Any:
        """An unfitted copy whose seeds are all set."""
        fresh = _clone(self.estimator)
        unset = [key for key, value in params_of(fresh).items() if value is None and _is_seed(key)]
        if unset:
            fresh.set_params(**{key: int(self.rng.integers(2**31)) for key in unset})
        return fresh

    def _fitted(self, fresh: Any, form: Form) -> FittedEstimator:
        """A clone of `fresh`, fitted on data of this form."""
        estimator, present = _clone(fresh), np.unique(self.labels)
        if changed := translated(params_of(estimator), self.classes, form.encoding, present):
            estimator.set_params(**changed)
        expected = f"an estimator that fits {len(self.labels)} labels of {len(present)} classes"
        with warnings.catch_warnings(record=True) as caught, seeded(self.rng):
            warnings.simplefilter("ignore", ConvergenceWarning)
            with as_model_errors(expected, self._known):
                estimator.fit(form.table(self.X), form.encoding.values[self.labels])
        require_predict_proba(estimator)
        with as_model_errors(PREDICTS, self._known):
            columns = class_columns(
                probabilities(estimator, form.table(self.X[:1])).shape[1],
                getattr(estimator, "classes_", None),
                form.encoding,
                present,
                lambda: probabilities(estimator, form.table(self.X)),
                (lambda: estimator.predict(form.table(self.X))) if hasattr(estimator, "predict") else None,
            )
        for warning in caught:  # of a form that it takes: those of other forms say nothing about the data
            warnings.showwarning(warning.message, warning.category, warning.filename, warning.lineno)
        return FittedEstimator(estimator, form, columns, self.n_classes, *opened(estimator), self._known)

    @property
    def _known(self) -> Known:
        names = range(self.n_classes) if self.classes is None else self.classes.names
        return Known(names, self.columns, self.X.shape[1])

    def _with_all_columns(self, fresh: Any, fitted: FittedEstimator) -> FittedEstimator:
        """Of a network with an output for each class, trained with labels from 0: with their positions instead.

        What it is told of its outputs, as their weights, is then said of the right classes.
        """
        index = Encoding(np.arange(self.n_classes))
        present = np.unique(self.labels)
        renumbered = fitted.form.encoding.starts_at_zero(present) and not index.starts_at_zero(present)
        if renumbered and len(fitted.classes) == self.n_classes > len(present):
            with suppress(ModelError, Warning):
                return self._fitted(fresh, replace(fitted.form, encoding=index))
        return fitted

    def _next(self, fresh: Any, form: Form, said: str) -> Form | None:
        """The form to try after an error; None: there is no other."""
        present = np.unique(self.labels)
        if re.search(ABOUT_PRECISION, said) and self.X.dtype == np.float64 and not form.single:
            return replace(form, single=True)
        array = replace(form, columns=None) if form.columns is not None else None
        if array is not None and re.search(ABOUT_COLUMNS, said):
            return array
        if not form.encoding.starts_at_zero(present) and known_keys(params_of(fresh), self.classes, self.n_classes):
            return replace(form, encoding=Encoding.contiguous(present, self.n_classes))
        return array


def _said(error: Exception) -> str:
    return error.got if isinstance(error, ModelError) else str(error)


def _alike(one: Exception, other: Exception) -> bool:
    """Tell whether two errors say the same, but for the labels and numbers in them."""
    first, second = (re.sub(r"\[.*?\]|'.*?'|\d+", "", _said(error)) for error in (one, other))
    return first == second


def params_of(estimator: Any) -> dict[str, Any]:
    """All parameters by name, those of steps and members too; none of an object that cannot say them."""
    if not hasattr(estimator, "get_params") or not hasattr(estimator, "set_params"):
        return {}
    try:
        params: dict[str, Any] = estimator.get_params()
    except UNCLEAR:
        return {}
    return params


def _clone(estimator: Any) -> Any:
    """An unfitted copy; of what scikit-learn cannot clone, a deep one."""
    try:
        return sklearn.base.clone(estimator, safe=False)
    except UNCLEAR:
        return copy.deepcopy(estimator)


def _is_seed(key: str) -> bool:
    return key.rsplit("__", 1)[-1] == "random_state"
