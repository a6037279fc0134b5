"""The names of tasks: `DATASET/ARM/REGIME/OPTION=VALUE/...`, of which only the data set must be given.

Everything after the data set is read from the right, so that a path may hold slashes: of `npz:data/mine.npz/mlp/low`,
`low` is a regime, `mlp` an arm, and what is left is the path. A part of a path that would be taken for an arm, a regime
or an option is quoted with percent signs as in a URL (`folder:photos%2Flinear`), and so is a percent sign itself. In
the full name of a task, the path is quoted whole; people are shown it as `readable` makes it.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields
from urllib.parse import unquote

from autoal.errors import InputError
from autoal.tasks import image_folder, npz, table
from autoal.tasks.arms import ARMS
from autoal.tasks.own import quoted, unquoted
from autoal.tasks.regimes import REGIMES
from autoal.tasks.source import Source
from autoal.tasks.task import Task
from autoal.tasks.variants import Variants

VARIANTS = tuple(field.name for field in fields(Variants))
OWN: Mapping[str, Callable[..., Source]] = {"npz": npz.source, "csv": table.source, "folder": image_folder.source}
LOADER_OPTIONS: Mapping[str, Mapping[str, Callable[[str], object]]] = {
    "csv": {"label": unquote},
    "folder": {"size": int},
}
MARKUP = re.compile(r"[^\w/ .,:~+()@=%-]")
NOT_PLAIN = re.compile(r"[^\w/ .,:~+()@-]")


def parse(name: str, sources: Mapping[str, Source]) -> Task:
    """The task of that name.

    Args:
        name: as above.
        sources: the data sets that have names of their own.

    Raises:
        InputError: a part of the name is unknown, is given twice, or has an impossible value.
    """
    if not isinstance(name, str):
        raise InputError("the name of a task", f"a {type(name).__name__}", "'digits', or another of tasks.all()")
    known = {*VARIANTS, *(option for options in LOADER_OPTIONS.values() for option in options)}
    parts = name.split("/")
    options: dict[str, str] = {}
    while len(parts) > 1 and parts[-1].partition("=")[0] in known and "=" in parts[-1]:
        option, _, value = parts.pop().partition("=")
        if option in options:
            raise InputError(f"{option} once in the name of a task", repr(name), f"a single {option}=")
        options[option] = value
    regime = parts.pop() if len(parts) > 1 and parts[-1] in REGIMES else None
    arm = parts.pop() if len(parts) > 1 and parts[-1] in ARMS else None
    source = _source("/".join(parts), options, sources, name)
    if arm is not None and arm not in source.arms:
        raise InputError(f"an arm that learns from {source.name}", arm, ", ".join(source.arms))
    return Task(source, arm or source.arms[0], regime or source.regime, _variants(options))


def readable(name: str) -> str:
    """A full name for people: of a path, only what a name, Markdown or a picture's title would take for something else
    stays quoted. It is a name of the same task.
    """
    data_set, slash, rest = name.partition("/")
    kind, colon, path = data_set.partition(":")
    if kind not in OWN:
        return harmless(name)
    return kind + colon + NOT_PLAIN.sub(lambda found: quoted(found[0]), unquoted(path)) + slash + harmless(rest)


def harmless(name: str) -> str:
    """A name, quoted where HTML, Markdown or a picture's title would take it for something else."""
    return MARKUP.sub(lambda found: quoted(found[0]), name)


def _source(name: str, options: dict[str, str], sources: Mapping[str, Source], whole: str) -> Source:
    """The data set that is left of a `whole` name; it takes its own options away from `options`."""
    kind, colon, path = name.partition(":")
    if colon and kind in OWN and path:
        own = {key: options.pop(key) for key in LOADER_OPTIONS.get(kind, {}) if key in options}
        _refuse(options, f"{kind}:")
        given = {key: _value(key, text, LOADER_OPTIONS[kind][key]) for key, text in own.items()}
        return OWN[kind](unquoted(path), tuple(f"{key}={text}" for key, text in own.items()), **given)
    if name in sources:
        _refuse(options, name)
        return sources[name]
    data_set = name.partition("/")[0]
    if data_set in sources:
        rest = whole.split("/")[1:]
        expected = f"an arm, a regime and options, in this order, after {data_set}"
        raise InputError(expected, repr("/".join(rest)), _what_to_write(data_set, rest))
    expected = "a data set, at the beginning of the name of a task"
    raise InputError(expected, repr(data_set), _close(data_set, [*sources, *(f"{own}:PATH" for own in OWN)]))


def _what_to_write(data_set: str, rest: Sequence[str]) -> str:
    """What is like the first word that is unknown; if all are known, the name in its order."""
    arms, regimes = ([part for part in rest if part in known] for known in (ARMS, REGIMES))
    options = [part for part in rest if "=" in part and part.partition("=")[0] in VARIANTS]
    ordered = [*arms, *regimes, *options]
    if unknown := [part for part in rest if part not in ordered]:
        return _close(unknown[0], [*ARMS, *REGIMES, *(f"{variant}=" for variant in VARIANTS)])
    if len(arms) > 1 or len(regimes) > 1 or len({part.partition("=")[0] for part in options}) < len(options):
        return "one arm, one regime, and each option once"
    return "/".join([data_set, *ordered])


def _refuse(options: Iterable[str], name: str) -> None:
    strange = sorted(set(options) - set(VARIANTS))
    if strange:
        raise InputError(f"options of {name}", ", ".join(strange), ", ".join(f"{option}=" for option in VARIANTS))


def _variants(options: Mapping[str, str]) -> Variants:
    return Variants(**{key: _value(key, text, float) for key, text in options.items()})  # type: ignore[arg-type]


def _value(option: str, text: str, kind: Callable[[str], object]) -> object:
    try:
        return kind(text)
    except ValueError as error:
        raise InputError(f"a number for {option}", repr(text), f"{option}=10") from error


def _close(word: str, known: Iterable[str]) -> str:
    words = list(known)
    return ", ".join(difflib.get_close_matches(word.partition("/")[0].partition("=")[0], words, n=3) or words)
