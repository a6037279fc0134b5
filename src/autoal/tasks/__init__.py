"""Tasks to simulate active learning on: data sets in their publishers' formats, with a model and a budget."""

from __future__ import annotations

import difflib

from autoal.errors import InputError
from autoal.tasks.base import Budget, DataSet, Task
from autoal.tasks.cifar10 import CIFAR10
from autoal.tasks.digits import DIGITS
from autoal.tasks.fashion_mnist import FASHION_MNIST

__all__ = ["Budget", "DataSet", "Task", "all", "get"]


def all() -> dict[str, Task]:
    """Every task by name."""
    return {task.name: task for task in (DIGITS, FASHION_MNIST, CIFAR10)}


def get(name: str) -> Task:
    """The task of that name."""
    known = all()
    if name not in known:
        close = difflib.get_close_matches(name, known, n=3) or list(known)
        raise InputError("the name of a task", repr(name), ", ".join(close))
    return known[name]
