"""A real house whose assistant is scripted: ``python scripted_house.py --data DIR``. What a question is answered with is chosen
by a word in it, so that tests of the page see every kind of outcome; all else (gateway, law, log, database, HTTP) is real.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys

from daffa.decision import Door
from daffa.errors import Unavailable
from daffa.gateway import OPENAI_CHAT
from daffa.settings import ASSISTANT_ID
from daffa.web import serving

PASSAGE = (
    "Le certificat de résidence est délivré par l'autorité locale. La demande est déposée avec la carte nationale et un "
    "justificatif de domicile. L'administration répond dans un délai de quinze jours à compter du dépôt du dossier complet. "
    "Passé ce délai, le demandeur peut saisir le service de recours."
)
ARABIC = (
    "تُسلَّم شهادة السكنى من لدن السلطة المحلية. يُودَع الطلب مع البطاقة الوطنية ووثيقة تثبت السكن. "
    "تجيب الإدارة داخل أجل خمسة عشر يوما من إيداع الملف كاملا."
)
TIFINAGH = "ⵜⴰⴽⵕⴹⴰ ⵏ ⵜⵣⴷⵖⵜ ⴰⵔ ⵜⵜ ⵜⴰⴽⴽⴰ ⵜⴷⴱⵍⵜ. ⵉⵅⵚⵚⴰ ⴰⴷ ⵜⴰⵡⵉⴷ ⵜⴰⴽⵕⴹⴰ ⵏ ⵜⵎⴰⴳⵉⵜ. ⵜⴰⵎⵔⴰⵔⵓⵜ ⴰⵔ ⵜⵜⴰⵛⴽⴰ ⴳ 15 ⵏ ⵡⵓⵙⵙⴰⵏ."
ENGLISH = (
    "A certificate of residence is issued by the local authority. The request is filed with the identity card and a proof of "
    "address. The administration answers within fifteen days of a complete file."
)


def citation(place, text, words, *, title, language, because=(), asked=(), **more):
    """A citation of ``words`` in ``text``."""
    start = text.index(words)
    found = [(text.index(word), text.index(word) + len(word)) for word in asked]
    given = {"id": f"c{place}", "collection": "administration", "document": "residence", "passage": f"residence.{place}"}
    given |= {"title": title, "language": language, "text": text, "start": start, "end": start + len(words)}
    given |= {"highlights": found, "link": "", "work": "", "number": "", "valid_to": ""}
    return given | {"because": [{"asked": a, "found": b, "by": "glossary"} for a, b in because]} | more


def said(text, *cites, verdict="verbatim"):
    """A sentence."""
    return {"text": text, "cites": list(cites), "verdict": verdict}


def extract(text, language, title, parts, **more):
    """An extractive answer: each of ``parts`` is a run of ``text``."""
    cited = [citation(n, text, part, title=title, language=language, **more) for n, part in enumerate(parts, 1)]
    lines = [said(part, f"c{n}") for n, part in enumerate(parts, 1)]
    return {"status": "answered", "mode": "extract", "language": language, "sentences": lines, "citations": cited}


FRENCH_PARTS = [
    "La demande est déposée avec la carte nationale et un justificatif de domicile.",
    "L'administration répond dans un délai de quinze jours à compter du dépôt du dossier complet.",
]
TOOL = {
    "pack": "social-and-tax",
    "name": "income_tax",
    "arguments": {"salary": 12000},
    "result": {
        "value": 17346.5,
        "unit": "MAD",
        "steps": [
            "Revenu annuel imposable : 144 000 − 35 000 = 109 000.",
            "Tranche de 100 001 à 180 000 : 109 000 × 34 % = 37 060.",
            "Moins la somme à déduire : 37 060 − 19 713,50 = 17 346,50.",
        ],
        "used": [
            {"name": "scale", "title": "Barème", "value": 0.34, "unit": "", "since": "2025-01-01", "reference": "Article 73"},
        ],
        "valid_on": "2026-11-26",
        "warning": "Les charges de famille ne sont pas comptées.",
    },
}
OUTCOMES = {
    "résidence": extract(PASSAGE, "fr-Latn", "Le certificat de résidence", FRENCH_PARTS, asked=("délai", "carte nationale"))
    | {
        "citations": [
            citation(
                1,
                PASSAGE,
                FRENCH_PARTS[0],
                title="Le certificat de résidence",
                language="fr-Latn",
                asked=("carte nationale",),
                because=[("لاكارط", "carte nationale")],
            ),
            citation(
                2,
                PASSAGE,
                FRENCH_PARTS[1],
                title="Le certificat de résidence",
                language="fr-Latn",
                asked=("délai",),
                work="Loi n° 55-19",
                number="16",
                link="https://example.org/55-19",
            ),
        ]
    },
    "السكنى": extract(
        ARABIC,
        "ar-Arab",
        "شهادة السكنى",
        ["يُودَع الطلب مع البطاقة الوطنية ووثيقة تثبت السكن.", "تجيب الإدارة داخل أجل خمسة عشر يوما من إيداع الملف كاملا."],
        because=[("لاكارط", "البطاقة الوطنية")],
    ),
    "ⵜⵣⴷⵖⵜ": extract(
        TIFINAGH, "zgh-Tfng", "ⵜⴰⴽⵕⴹⴰ ⵏ ⵜⵣⴷⵖⵜ", ["ⵉⵅⵚⵚⴰ ⴰⴷ ⵜⴰⵡⵉⴷ ⵜⴰⴽⵕⴹⴰ ⵏ ⵜⵎⴰⴳⵉⵜ.", "ⵜⴰⵎⵔⴰⵔⵓⵜ ⴰⵔ ⵜⵜⴰⵛⴽⴰ ⴳ 15 ⵏ ⵡⵓⵙⵙⴰⵏ."]
    ),
    "residence": extract(
        ENGLISH,
        "en-Latn",
        "Certificate of residence",
        ["The administration answers within fifteen days of a complete file."],
        asked=("residence",),
    ),
    "partielle": {
        "status": "partial",
        "mode": "model",
        "language": "fr-Latn",
        "model": "rabat-small",
        "place": "rabat-1",
        "withheld": 2,
        "sentences": [said("L'administration répond en quinze jours.", "c1", verdict="supported")],
        "citations": [
            citation(1, PASSAGE, FRENCH_PARTS[1], title="Le certificat de résidence", language="fr-Latn", valid_to="2025-12-31")
        ],
    },
    "certificat": {
        "status": "clarification",
        "message": "De quel certificat s'agit-il ?",
        "choices": ["Le certificat de résidence", "Le certificat de travail"],
    },
    "lune": {"status": "not_covered", "message": "Aucun document ne parle de cela."},
    "impôt": {
        "status": "answered",
        "mode": "tool",
        "language": "fr-Latn",
        "tool": TOOL,
        "sentences": [said("L'impôt annuel est de 17 346,50 dirhams.", verdict="computed")],
    },
    "panne": {"status": "error_search", "message": "La recherche ne répond pas."},
    "piège": {
        "status": "answered",
        "mode": "model",
        "language": "fr-Latn",
        "sentences": [said('<img src=x onerror="alert(1)"> <hx-partial hx-target="body">x</hx-partial>', "c1")],
        "citations": [
            citation(
                1,
                "<script>alert(1)</script> </template>",
                "<script>",
                title="<b>titre</b>",
                language="fr-Latn",
                link="javascript:alert(1)",
            )
        ],
    },
}
PAUSES = {"longtemps": 20.0, "lentement": 1.2}
PAUSE = 0.1


class ScriptedWire:
    """Speaks as the assistant's wire does."""

    def __init__(self, clock):
        self.idioms = {"chat": OPENAI_CHAT}
        self._clock = clock

    async def send(self, permit, body, *, kind, stream, asker):  # noqa: ARG002 - as wires have them
        """Spend the Permit, and answer by the word in the last message."""
        permit.use(door=Door.GATEWAY, place=permit.place, receiver=ASSISTANT_ID, payload=body, now=self._clock())
        messages = json.loads(body)["messages"]
        question = messages[-1]["content"]
        if "silence" in question:
            raise Unavailable("upstream_unreachable")
        outcome = next((found for word, found in OUTCOMES.items() if word in question), OUTCOMES["lune"])
        turns = sum(message["role"] == "user" for message in messages)
        known = {
            "question": question,
            "decisions": [permit.reference],
            "steps": [{"name": str(turns), "status": "ok", "ms": 1}],
        }
        return Said(chunks(outcome | known, next((s for word, s in PAUSES.items() if word in question), PAUSE)))


class Said:
    """A response that has come."""

    status, content_type, retry_after = 200, "text/event-stream", ""

    def __init__(self, chunks):
        self._chunks = chunks

    def chunks(self):
        """Its body."""
        return self._chunks

    def close(self):
        """Nothing is held."""


async def chunks(outcome, pause):
    """The outcome as chunks of a chat: a sentence each, at last all of it."""
    cited = {citation["id"]: citation for citation in outcome.get("citations", [])}
    for sentence in outcome.get("sentences", []):
        new = [cited.pop(name) for name in sentence["cites"] if name in cited]
        yield chunk({"content": sentence["text"]}, {"sentence": sentence, "citations": new})
        await asyncio.sleep(pause)
    yield chunk({}, outcome, finish="stop")
    yield b"data: [DONE]\n\n"


def chunk(delta, extension, finish=None):
    """One event."""
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    body = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 0, "model": ASSISTANT_ID, "choices": [choice]}
    return b"data: " + json.dumps(body | {"daffa": extension}).encode() + b"\n\n"


def scripted(build):
    """``build``, with the assistant's wire replaced."""

    @contextlib.asynccontextmanager
    async def wired(settings):
        async with build(settings) as house:
            import time

            house.gateway._wires[ASSISTANT_ID] = ScriptedWire(time.time)
            yield house

    return wired


if __name__ == "__main__":
    from daffa.cli import main

    serving.build = scripted(serving.build)
    sys.exit(main(["up", *sys.argv[1:]]))
