"""How well names of persons are found: precision, recall and F1 over sentences with names and without. Knows no finder."""

from .scores import overlap


def judge(found, marked):
    """(right, wrong, missed): a find counts where it shares at least half of its characters with a mark."""
    left, right, wrong = list(marked), [], []
    for span in found:
        mark = next((mark for mark in left if overlap(span, mark) >= 0.5), None)
        if mark:
            left.remove(mark)
            right.append(span)
        else:
            wrong.append(span)
    return len(right), len(wrong), len(left)


def score(judgements):
    """(precision, recall, F1) of several."""
    right, wrong, missed = (sum(part) for part in zip(*judgements, strict=True))
    return right / (right + wrong or 1), right / (right + missed or 1), 2 * right / (2 * right + wrong + missed or 1)
