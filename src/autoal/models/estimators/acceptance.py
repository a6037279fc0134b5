"""Tells classifiers from other objects, and gives the true reason where one has no `predict_proba`."""

from __future__ import annotations

import re
import warnings
from typing import Any

from sklearn.base import BaseEstimator
from sklearn.exceptions import NotFittedError
from sklearn.utils import get_tags

from autoal.errors import ModelError

CLASSIFIER = "a classifier with fit and predict_proba"
OTHERS = "LogisticRegression or another; CalibratedClassifierCV(estimator) if labels suffice for its folds"


def is_estimator(thing: Any) -> bool:
    """Tell whether it is an estimator of scikit-learn, or of a library that has the same methods.

    One that hands attributes on may have `predict_proba` only once it is fitted.
    """
    if isinstance(thing, BaseEstimator):
        return True
    kind, asks = type(thing), ("predict_proba", "get_params")
    return hasattr(thing, "fit") and (any(hasattr(kind, name) for name in asks) or _may_come(thing))


def require_classifier(estimator: Any) -> None:
    """Refuse what can never give class probabilities; what may give them once it is fitted passes.

    Raises:
        ModelError: it is a class, not a classifier, or has no `fit` or no `predict_proba`, with the reason.
    """
    if isinstance(estimator, type):
        hint = f"an instance of it: {estimator.__name__}(...)"
        raise ModelError(CLASSIFIER, f"the class {estimator.__name__}", hint)
    kind = _kind(estimator)
    if kind not in (None, "classifier"):
        raise ModelError(CLASSIFIER, f"{type(estimator).__name__}, a {kind.replace('_', ' ')}", OTHERS)
    missing = [] if hasattr(estimator, "fit") else ["no fit"]
    reason = _never(estimator)
    if reason is not None:
        missing.append(f"no predict_proba{reason}")
    if missing:
        raise ModelError(CLASSIFIER, f"{type(estimator).__name__} with {' and '.join(missing)}", OTHERS)


def require_predict_proba(fitted: Any) -> None:
    """Refuse a fitted estimator that still has no `predict_proba`."""
    error = _error(fitted)
    if error is not None:
        got = f"{type(fitted).__name__} without it: {_innermost(error)}"
        raise ModelError("an estimator that has predict_proba once it is fitted", got, OTHERS)


def _kind(estimator: Any) -> Any:
    """Give what scikit-learn takes it for: "classifier", "regressor" and others; None: it does not say."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of estimators with tags of an older form
            return get_tags(estimator).estimator_type
    except Exception:  # of no scikit-learn, or with tags that only a fitted one has
        return None


def _never(estimator: Any) -> str | None:
    """The reason why `predict_proba` will not come by fitting either; None: it is there, or may come."""
    kind, error = type(estimator), _error(estimator)
    if error is None:
        return None
    if not hasattr(kind, "predict_proba"):
        return None if _may_come(estimator) else ""
    cause = _innermost(error)
    waits = isinstance(cause, NotFittedError) or re.search(r"\bfit|_'|NoneType", str(cause)) is not None
    return None if waits or cause is error else f" ({cause})"


def _may_come(thing: Any) -> bool:
    """Tell whether `predict_proba` is an attribute of the object alone, or one that it hands on, as of what it fits."""
    return hasattr(thing, "predict_proba") or hasattr(type(thing), "__getattr__")


def _error(estimator: Any) -> BaseException | None:
    """Return what asking for `predict_proba` raises: a method may be there under a condition."""
    try:
        return None if callable(estimator.predict_proba) else AttributeError("predict_proba cannot be called")
    except Exception as error:
        return error


def _innermost(error: BaseException) -> BaseException:
    while (cause := error.__cause__ or error.__context__) is not None:
        error = cause
    return error
