"""What the tests of the tasks share: a small pack, two texts, an asker, and models that answer by a function."""

from daffa.assistant import Asked, Composed, Said
from daffa.decision import Actor, Label, Purpose
from daffa.gateway import Asker
from daffa.identity import Caller
from daffa.packs import read_pack

PACK = """
id = "essais"
version = "1.0.0"
owner = "Essais"
licence = "CC0-1.0"
jurisdiction = "XA"
languages = ["fr", "ar"]
label = "level=public"
valid_from = 2026-01-01
title = { fr = "Essais", ar = "تجارب", en = "Trials" }
[[source]]
id = "law"
title = "Loi"
url = "https://example.org/loi"
licence = "official text"
"""
LETTER = """+++
title = "Demande"
sources = ["law"]
[facts.applicant]
title = "Nom complet"
type = "person"
[facts.cin]
title = "Carte nationale"
type = "cin"
[facts.filed]
title = "Date du dépôt"
type = "date"
[facts.amount]
title = "Montant"
type = "amount"
[facts.phone]
title = "Téléphone"
type = "phone"
required = false
[facts.receipt]
title = "Récépissé"
type = "text"
required = false
+++

{applicant}
{phone}

Je soussigné {applicant}, carte {cin}, ai déposé le {filed} une demande de {amount}. Récépissé : {receipt}.

Je vous prie de statuer dans le délai de 30 jours prévu par la loi (art. 21).
"""
ARABIC = """+++
title = "طلب"
sources = ["law"]
[facts.filed]
title = "تاريخ الإيداع"
type = "date"
[facts.amount]
title = "المبلغ"
type = "amount"
+++

أودعت الطلب بتاريخ {filed}، ومبلغه {amount}.
"""
FORM = """
title = { fr = "Fiche", ar = "بطاقة" }
sources = ["law"]
[[field]]
name = "applicant"
title = { fr = "Nom complet", ar = "الاسم الكامل" }
type = "person"
cues.fr = ["nom complet", "je soussigné"]
cues.ar = ["الاسم الكامل"]
[[field]]
name = "father"
title = { fr = "Nom du père", ar = "اسم الأب" }
type = "person"
required = false
cues.fr = ["nom complet du père", "père"]
[[field]]
name = "cin"
title = { fr = "Carte nationale", ar = "البطاقة الوطنية" }
type = "cin"
cues.fr = ["carte nationale", "CIN"]
[[field]]
name = "filed"
title = { fr = "Date du dépôt", ar = "تاريخ الإيداع" }
type = "date"
cues.fr = ["déposé le", "date du dépôt"]
cues.ar = ["تاريخ الإيداع"]
[[field]]
name = "amount"
title = { fr = "Montant", ar = "المبلغ" }
type = "amount"
cues.fr = ["montant", "somme de"]
[[field]]
name = "subject"
title = { fr = "Objet", ar = "الموضوع" }
type = "text"
required = false
cues.fr = ["objet"]
[[field]]
name = "rib"
title = { fr = "RIB", ar = "رقم الحساب" }
type = "rib"
required = false
cues.fr = ["RIB"]
"""
FILE = """Objet : demande de bourse

Je soussigné Karim Bennani, CIN AB123456, ai déposé le 5 mars 2026 un dossier.
Nom complet du père : Omar Bennani
Montant demandé : 1 500,50 DH
"""
REPORT = """Rapport sur l'eau

Le barrage retient 120 millions de mètres cubes d'eau au 1er mars 2026. Il pleut rarement dans cette région.

L'irrigation

L'irrigation goutte à goutte économise 40 pour cent de l'eau par rapport à l'irrigation gravitaire. La commission interdit
l'irrigation gravitaire des agrumes à partir de 2027.

Les aides

L'État subventionne l'irrigation goutte à goutte des petites exploitations à hauteur de 100 pour cent du coût. Bonne lecture.
"""


def small_pack(folder):
    """The pack, written into ``folder`` and read, by its id."""
    for name, content in {
        "pack.toml": PACK,
        "templates/request.fr.md": LETTER,
        "templates/request.ar.md": ARABIC,
        "forms/card.toml": FORM,
        "documents/guide.fr.md": '+++\ntitle = "Guide"\nsources = ["law"]\n+++\n\n## Objet\n\nTexte.\n',
    }.items():
        path = folder / "essais" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return {"essais": read_pack(folder / "essais")}


def asked(task, *, language="fr", question=""):
    """A question that asks for a task."""
    actor = Actor(id="amina", organisation="town", roles=frozenset())
    caller = Caller(actor=actor, floor=Label(), key_id="k", organisation="town", roles=frozenset())
    asker = Asker(caller, Label(), Purpose.PUBLIC_SERVICE)
    return Asked((Said("user", question),), asker, "daffa/test#1", language=language, task=task)


class Scripted:
    """A model that answers by a function of what it was told; it remembers what that was."""

    def __init__(self, answer):
        self._answer = answer
        self.seen = []

    async def __call__(self, prompt, asker):  # noqa: ARG002 (the port's own signature)
        """JSON, as the function says."""
        self.seen.append((prompt.messages, prompt.schema, prompt.label))
        data = self._answer(prompt.messages[-1]["content"])
        if isinstance(data, Exception):
            raise data
        return Composed(data, f"daffa/test#{len(self.seen) + 1}", "scripted", "rabat-1")


def inside(outcome, text):
    """Whether each citation of an outcome stands in ``text`` where it says."""
    for citation in outcome.citations:
        start, end = map(int, citation.passage.split("-"))
        assert text[start:end] == citation.text[citation.start : citation.end]
    return True
