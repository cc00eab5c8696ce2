"""Presidio with the recognisers of presidio-mena, run by ``privacy.py`` in an environment of its own. Reads and prints JSON.

Standard input: ``{"rounds": n, "texts": {name: [document, ...]}, "sentences": [...]}``. The language model is a blank French
pipeline (a tokeniser alone): the recognisers are patterns, their checks and words near them, as ours are.
"""

import json
import logging
import sys
import time
from importlib.metadata import version

import spacy
from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
from presidio_analyzer.nlp_engine import SpacyNlpEngine
from presidio_analyzer.predefined_recognizers import EmailRecognizer, IpRecognizer
from presidio_mena import register_mena_recognizers

KINDS = {
    "MA_CIN": "cin",
    "MA_PHONE_NUMBER": "phone",
    "MA_RIB": "rib",
    "MA_IBAN": "iban",
    "MA_ICE": "ice",
    "EMAIL_ADDRESS": "email",
    "IP_ADDRESS": "ip",
}


class Blank(SpacyNlpEngine):
    """A tokeniser alone, nothing to download."""

    def __init__(self):
        super().__init__()
        self.nlp = {"fr": spacy.blank("fr")}


def analyzer(*, lean):
    """The engine as installed with the five recognisers for Morocco; ``lean``: these, e-mail and network addresses alone."""
    registry = RecognizerRegistry(supported_languages=["fr"])
    if lean:
        for recognizer in (EmailRecognizer, IpRecognizer):
            registry.add_recognizer(recognizer(supported_language="fr"))
    else:
        registry.load_predefined_recognizers(languages=["fr"])
    register_mena_recognizers(registry, ["fr"])
    return AnalyzerEngine(registry=registry, nlp_engine=Blank(), supported_languages=["fr"])


def seconds_of(engine, documents, rounds):
    """CPU seconds of the quickest round."""
    engine.analyze("CIN AB123456", language="fr")
    turns = []
    for _ in range(rounds):
        start = time.process_time()
        for document in documents:
            engine.analyze(document, language="fr")
        turns.append(time.process_time() - start)
    return min(turns)


def main():
    """Time every text, and find in every sentence."""
    logging.disable(logging.CRITICAL)
    asked = json.load(sys.stdin)
    engines = {"installed": analyzer(lean=False), "lean": analyzer(lean=True)}
    seconds = {
        way: {name: seconds_of(engine, documents, asked["rounds"]) for name, documents in asked["texts"].items()}
        for way, engine in engines.items()
    }
    found = [
        [
            (KINDS[each.entity_type], each.start, each.end)
            for each in engines["lean"].analyze(text, language="fr")
            if each.score >= 0.4 and each.entity_type in KINDS
        ]
        for text in asked["sentences"]
    ]
    versions = {package: version(package) for package in ("presidio-analyzer", "presidio-mena", "spacy")}
    print(json.dumps({"seconds": seconds, "found": found, "versions": versions}))


if __name__ == "__main__":
    main()
