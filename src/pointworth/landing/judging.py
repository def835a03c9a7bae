"""Columns of which so many sampled values are in a wrong form that no build would go through."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from pointworth.landing.findings import Finding, shown
from pointworth.landing.samples import Sample
from pointworth.landing.values import Fault, code_judge, judge_of, scale_fault
from pointworth.project import Column, Dataset, Scale

LARGE_SHARE = 0.2
"""Share of a column's filled values from which they are another form and not some dirty rows."""

Looked = tuple[Sample, Mapping[str, int]]
RowJudge = Callable[[str, str], Fault | None]


@dataclass
class _Tally:
    """What a column's values came to; counts of rows are weighted by what the sample stands for."""

    filled: float = 0.0
    bad: float = 0.0
    kinds: Counter[str] = field(default_factory=Counter)
    examples: dict[str, tuple[Fault, str, str]] = field(default_factory=dict)

    def add(self, fault: Fault, value: str, where: str, weight: float) -> None:
        """Count a bad value; of a kind the most telling one is kept."""
        self.bad += weight
        self.kinds[fault.kind] += 1
        kept = self.examples.get(fault.kind)
        if kept is None or fault.telling > kept[0].telling:
            self.examples[fault.kind] = (fault, value, where)


def limit_of(allowed: float, is_whole: bool) -> float:
    """The share of bad rows from which a build is sure to stop; of a sample, with a margin."""
    return allowed if is_whole else min(2 * allowed, (1 + allowed) / 2)


def value_findings(
    dataset: Dataset, looked: Sequence[Looked], limit: float, scales: Mapping[str, Scale]
) -> list[Finding]:
    """One finding per column whose bad rows, over all files of the dataset, are beyond `limit`."""
    findings = []
    filled = [entry for entry in looked if entry[0].rows]
    rows = sum(sample.weight for sample, _ in filled)
    for column in dataset.columns:
        judge = _judge(column, dataset, scales)
        if judge is None:
            continue
        tally = _tally(column, filled, judge)
        if tally.bad > max(LARGE_SHARE * tally.filled, limit * rows):
            findings.append(_finding(column, tally))
    return findings


def _judge(column: Column, dataset: Dataset, scales: Mapping[str, Scale]) -> RowJudge | None:
    """Judges a value beside the row's scale, which only scores heed."""
    if column.codes or (column.name == "score_scale" and scales):
        by_code = code_judge(column.codes or tuple(scales))
        return lambda value, _: by_code(value)
    by_type = judge_of(column.data_type)
    if by_type is None:
        return None
    if not column.scale or not scales:
        return lambda value, _: by_type(value)
    default = next((other.default for other in dataset.columns if other.name == column.scale), None)

    def judge_score(value: str, named: str) -> Fault | None:
        scale = scales.get(named.lower() or default or "")
        return by_type(value) or (scale_fault(value, scale) if scale else None)

    return judge_score


def _tally(column: Column, looked: Sequence[Looked], judge: RowJudge) -> _Tally:
    tally = _Tally()
    for sample, places in looked:
        if column.name not in places:
            continue
        weight = sample.weight / len(sample.rows)
        place, scale_place = places[column.name], places.get(column.scale or "")
        known: dict[tuple[str, str], Fault | None] = {}
        for row in sample.rows:
            value = row[place].strip()
            if not value:
                continue
            tally.filled += weight
            pair = (value, row[scale_place].strip() if scale_place is not None else "")
            if pair not in known:
                known[pair] = judge(*pair)
            if fault := known[pair]:
                tally.add(fault, value, sample.where, weight)
    return tally


def _finding(column: Column, tally: _Tally) -> Finding:
    kind, _ = tally.kinds.most_common(1)[0]
    fault, value, where = tally.examples[kind]
    return Finding(where, f"holds {shown(value)} in {column.name}: {fault.remedy}.")
