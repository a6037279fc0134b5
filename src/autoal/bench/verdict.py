"""The verdict in words: where active learning helps, by how much, and who is first.

Sentences are Markdown: each figure is a link to the table that it comes from.
"""

from __future__ import annotations

import re

import numpy as np

from autoal.bench.findings import CONTROLS, OURS, RANDOM, Findings, Gain, Overall, gains
from autoal.bench.results import Results
from autoal.bench.statistics import ALPHA, Difference, equal, mean_known
from autoal.bench.tables import count, listed, ties

NEGLIGIBLE = 1.0  # points: where intervals stay below it, a missing gain is not for want of seeds


def verdict(findings: Findings, results: Results) -> list[str]:
    """Overall first, then task by task, then what is missing."""
    overall = findings.overall
    sentences = _overall(findings, overall) if overall else [_alone(findings)]
    for task in findings.scores.tasks:
        sentences.append(_task(findings, task))
        if _long_tailed(task):
            sentences += _balanced(findings, task)
    return sentences + _incomplete(findings, results)


def plain(sentence: str) -> str:
    """A sentence without its links and stars, for a terminal."""
    return re.sub(r"\*\*|\[([^]]*)\]\(#[^)]*\)", r"\1", sentence)


def _overall(findings: Findings, overall: Overall) -> list[str]:
    return [_first(overall), _power(overall), *_helped(findings), *_ours(findings, overall)]


def _first(overall: Overall) -> str:
    rank = {name: float(overall.ranks[overall.index(name)]) for name in overall.order}
    first, *others = overall.order
    tied = [name for name in rank if equal(rank[name], rank[first])]
    won = float(mean_known(overall.won[overall.index(first), [overall.index(name) for name in others]]))
    scope = f"{count(len(overall.scores.tasks), 'task')} and {count(len(overall.pairs), 'pair')} of task and seed"
    place, its = f"**{first}** is first", "its"
    if len(tied) > 1:
        names = listed([f"**{name}**" for name in tied])
        place, its = f"{names} are equal{', and first' if len(tied) < len(rank) else ''}", "the"
    return (
        f"Over {scope}, {place}: mean rank [{rank[first]:.2f} of {len(rank)}](#standings), "
        f"winning [{won:.0%}](#won) of {its} pairs against the others.{_told_apart(overall, tied)}"
    )


def _told_apart(overall: Overall, tied: list[str]) -> str:
    """From how many others those in first place are all told apart."""
    others = [name for name in overall.order if name not in tied]
    if not others:
        return ""
    level = [other for other in others if not all(overall.told_apart(name, other) for name in tied)]
    told, s = len(others) - len(level), len(overall.order)
    pairs, them = s * (s - 1) // 2, "it" if len(tied) == 1 else "each of them"
    corrected = f"Corrected for all {pairs} pairs, [Wilcoxon-Holm](#ranks)" if pairs > 1 else "[Wilcoxon](#ranks)"
    rest = f", not from {listed(level)}" if level and told else ""
    return f" {corrected} tells {them} apart from {told or 'none'} of the {count(len(others), 'other')}{rest}."


def _power(overall: Overall) -> str:
    blocks, s = overall.blocks.shape
    unit = "seed" if overall.by_seed else "task"
    scope = " The tests are over seeds of one task, so they say nothing about other tasks." if overall.by_seed else ""
    if overall.powerless:
        return (
            f"With {count(blocks, unit)} these tests cannot tell any two of {s} strategies apart, however clear the "
            f"difference: more {unit}s or fewer strategies are needed.{scope}"
        )
    if np.isnan(overall.friedman):
        return f"The tests are over {count(blocks, unit)}.{scope}"
    finding = "do not all rank alike" if overall.friedman < ALPHA else "are not told apart as a whole"
    return f"By Friedman's test over {count(blocks, unit)} the strategies {finding} ({_p(overall.friedman)}).{scope}"


def _helped(findings: Findings) -> list[str]:
    """On how many tasks any strategy helps; says nothing with one task, which has its own sentence."""
    judged = {task: found for task, found in findings.gains.items() if any(_testable(g) for g in found.values())}
    if len(judged) < 2:
        return []
    helped = [task for task, found in judged.items() if any(gain.verdict > 0 for gain in found.values())]
    return [
        f"Active learning helps on {len(helped)} of {len(judged)} tasks: there, at least one strategy is above Random "
        "beyond chance ([gains](#gains))."
    ]


def _ours(findings: Findings, overall: Overall) -> list[str]:
    if OURS not in overall.order:
        return []
    candidates = [name for name in findings.candidates(OURS) if name in overall.order]
    roles = [(RANDOM, "Random"), *((name, f"the control {name}") for name in CONTROLS)]
    if candidates:
        mean = {name: float(overall.means[:, overall.index(name)].mean()) for name in candidates}
        best = max(mean, key=mean.__getitem__)
        all_ = len(findings.weighed(OURS))
        ran = "" if len(candidates) == all_ else f" of the {len(candidates)} of {all_} that ran"
        roles.insert(0, (best, f"its best candidate on average{ran}, {best}{ties(mean, best)}"))
    p = overall.against(OURS)
    return [_against(overall, name, role, p[name]) for name, role in dict(roles).items() if name in p]


def _against(overall: Overall, other: str, role: str, p: float) -> str:
    d = overall.difference(OURS, other)
    won = overall.won[overall.index(OURS), overall.index(other)]
    word = "is not told apart from" if p >= ALPHA else "is above" if d.mean > 0 else "is BELOW"
    word = "has the same mean as" if d.none else word
    figures = f"[{_points(d)}](#versus), {won:.0%} of the pairs"
    return f"AutoAL {word} {role}: {figures} ({_p(p)}, corrected for AutoAL's own comparisons)."


def _task(findings: Findings, task: str) -> str:
    found = findings.gains[task]
    if not found:
        part = findings.scores.task(task)
        if part.strategies == (RANDOM,):
            return f"**{task}**: only Random has run, so there is nothing to compare."
        return f"**{task}**: Random has not run, so nothing says whether active learning helps; see [AUBC](#aubc)."
    paired = [name for name, gain in found.items() if gain.difference.pairs]
    if not paired:
        return f"**{task}**: no strategy shares a seed with Random, so nothing says whether active learning helps."
    if not any(_testable(gain) for gain in found.values()):
        best = max(paired, key=lambda name: found[name].difference.mean)
        d = found[best].difference
        return (
            f"**{task}**: no strategy shares two seeds with Random, and one seed tells nothing apart; "
            f"{best}{ties(_means(found), best)} {'equals Random:' if d.none else 'differs from Random by'} "
            f"[{_points(d)}](#gains)."
        )
    return f"**{task}**: {_help(found, 'gains')}"


def _balanced(findings: Findings, task: str) -> list[str]:
    found = gains(findings.scores, task, metric="balanced_accuracy")
    if not any(_testable(gain) for gain in found.values()):
        return []
    return [f"**{task}** has a long tail; by balanced accuracy, {_help(found, 'balanced-gains')}"]


def _help(found: dict[str, Gain], anchor: str) -> str:
    tested = sorted((n for n in found if _testable(found[n])), key=lambda name: -found[name].difference.mean)
    above = [name for name in tested if found[name].verdict > 0]
    below = [name for name in tested if found[name].verdict < 0]
    level = len(tested) - len(above) - len(below)
    harm = ""
    if below:
        worst = f"{below[-1]} most{ties(_means(found), below[-1])}: [{_points(found[below[-1]].difference)}](#{anchor})"
        harm = f" {len(below)} of {len(tested)} {'is' if len(below) == 1 else 'are'} worse than Random, {worst}."
    if not above:
        return _no_help(found, tested, anchor) + harm
    leader = f"{above[0]}{ties(_means(found), above[0])}"
    best = f"{leader} adds [{_points(found[above[0]].difference)}](#{anchor}) to Random"
    more = f"; {listed(above[1:])} {'helps' if len(above) == 2 else 'help'} too" if above[1:] else ""
    rest = f" {level} of {len(tested)} {'is' if level == 1 else 'are'} not told apart from Random." if level else ""
    return f"active learning helps. {best}{more}.{rest}{harm}"


def _no_help(found: dict[str, Gain], tested: list[str], anchor: str) -> str:
    best, d = tested[0], found[tested[0]].difference
    open_to = min(max(found[name].difference.high for name in tested), 100.0)  # an area is never more
    if open_to < NEGLIGIBLE:
        finding, bound = (
            "active learning does not help here",
            f"no 95 % interval reaches beyond {_signed(open_to)} points",
        )
    else:
        finding = "nothing shows that active learning helps here"
        bound = f"the 95 % intervals leave gains up to {_signed(open_to)} points open, which more seeds would settle"
    return (
        f"{finding}. None of {count(len(tested), 'strategy', 'strategies')} is above Random "
        f"beyond chance; the best, {best}{ties(_means(found), best)}, {'equals it:' if d.none else 'differs by'} "
        f"[{_points(d)}](#{anchor}), and {bound}."
    )


def _alone(findings: Findings) -> str:
    if len(findings.scores.strategies) == 1:
        return f"Only {findings.scores.strategies[0]} has complete runs, so there is nothing to compare it with."
    return "No two strategies share a seed of a task, so they cannot be compared with each other."


def _incomplete(findings: Findings, results: Results) -> list[str]:
    sentences = []
    if findings.overall:
        part, scores = findings.overall.scores, findings.scores
        tasks = [task for task in scores.tasks if task not in part.tasks]
        strategies = [name for name in scores.strategies if name not in part.strategies]
        if tasks or strategies:
            left_out = listed(tasks + strategies, limit=8)
            sentences.append(
                f"Left out of the comparison of all with all, for want of runs ([missing](#missing)): {left_out}."
            )
    if results.failures:
        sentences.append(f"[{count(len(results.failures), 'cell')}](#failures) failed.")
    return sentences


def _means(found: dict[str, Gain]) -> dict[str, float]:
    return {name: gain.difference.mean for name, gain in found.items()}


def _testable(gain: Gain) -> bool:
    return bool(np.isfinite(gain.p))


def _long_tailed(task: str) -> bool:
    found = re.search(r"/imbalance=([\d.]+)", task)
    return found is not None and float(found[1]) > 1


def _points(d: Difference) -> str:
    ends = f" ({_signed(d.low)} to {_signed(d.high)})" if np.isfinite(d.low) else " (no interval)"
    return f"{_signed(d.mean)} points{ends}"


def _signed(value: float) -> str:
    return f"{value:+.2f}".replace("-", "−")


def _p(p: float) -> str:
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}"
