"""How well findings fit the marked spans: precision, recall and F1 by type. Knows no finder.

A finding counts where type and span are exactly right; an address where it shares at least half of its characters with
the mark.
"""

from collections import Counter


def overlap(one, other):
    """Shared characters over all characters of two (start, end) spans."""
    shared = min(one[1], other[1]) - max(one[0], other[0])
    return shared / (max(one[1], other[1]) - min(one[0], other[0])) if shared > 0 else 0.0


def fits(finding, mark):
    """Whether a (type, start, end) found is the one marked."""
    return finding == mark or (finding[0] == mark[0] == "address" and overlap(finding[1:], mark[1:]) >= 0.5)


def judged(found, marked):
    """(right, wrong, missed) of one sentence, each a list of (type, start, end)."""
    left, right, wrong = list(marked), [], []
    for finding in found:
        mark = next((mark for mark in left if fits(finding, mark)), None)
        if mark:
            left.remove(mark)
            right.append(finding)
        else:
            wrong.append(finding)
    return right, wrong, left


def table(judgements):
    """Type -> (precision, recall, F1, marks) over the judgements of many sentences."""
    right, wrong, missed = Counter(), Counter(), Counter()
    for judgement in judgements:
        for counter, spans in zip((right, wrong, missed), judgement, strict=True):
            counter.update(span[0] for span in spans)
    scores = {}
    for kind in sorted(right | wrong | missed):
        hits, false, lost = right[kind], wrong[kind], missed[kind]
        precision, recall = hits / (hits + false or 1), hits / (hits + lost or 1)
        scores[kind] = (precision, recall, 2 * hits / (2 * hits + false + lost), hits + lost)
    return scores
