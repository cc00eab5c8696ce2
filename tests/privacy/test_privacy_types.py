"""Each type in the forms in which it is written, and what only looks like it. ``<text|type>`` marks what must be found."""

import re

import pytest

from daffa.privacy import find

_MARK = re.compile(r"<([^<>|]+)\|([a-z_]+)>")


def check(marked):
    """Find in the text without its marks exactly what is marked."""
    text, expected, done = "", [], 0
    for mark in _MARK.finditer(marked):
        text += marked[done : mark.start()]
        expected.append((mark[2], len(text), len(text) + len(mark[1])))
        text, done = text + mark[1], mark.end()
    text += marked[done:]
    found = [(str(each.type), each.start, each.end) for each in find(text)]
    assert found == expected, [(kind, text[start:end]) for kind, start, end in found]


@pytest.mark.parametrize(
    "marked",
    [
        "N° d'immatriculation CNSS : <123456789|cnss>",
        "CNSS n°: <123 456 789|cnss>, CIMR 4567",
        "CNSS\t<123456789|cnss>",
        "| CNSS | <123456789|cnss> |",
        "cnss=<123456789|cnss>&massar=<K123456789|massar>",
        "رقم الانخراط في الصندوق الوطني للضمان الاجتماعي <1234567|cnss>",
        "رقم الانخراط في ص.و.ض.ج <1234567|cnss>",
        "IF/ICE: <12345678|if> / <001561191000066|ice>",
        "ICE/IF : <001561191000066|ice> / <12345678|if>",
        "identifiant fiscal n°<40123456|if>",
        "IF : <12 345 678|if>",
        "الهوية الجبائية <12345678|if>",
        "RC : <12345|rc> - Patente : 34512345 - IF : <1234567|if> - CNSS : <7654321|cnss> - ICE : <001561191000066|ice>",
        "RC/Casablanca : <123456|rc>",
        "R.C N° <12345|rc> Tanger",
        "RC n°<345.678|rc>",
        "Inscrite au RC de Casablanca sous n° <345678|rc>",
        "مسجلة في السجل التجاري بالرباط تحت عدد <12345|rc>",
        "Massar : <K 123 456 789|massar>",
        "<K123456789|massar> est l'identifiant de l'élève",
        "<123456789K|massar> :رقم مسار",
        "ancien CNE <1234567890|massar>",
        "passeport <AB 1234567|passport> expiré",
        "حامل لجواز سفر مغربي <AB1234567|passport>",
        "jawaz safar ra9m <AB1234567|passport>",
        "carte de séjour <A012345B|residence_card>",
        "titre de séjour n° <012345678|residence_card>",
        "بطاقة الإقامة رقم <A012345B|residence_card>",
    ],
)
def test_numbers_that_a_word_names(marked):
    """Numbers without control digits are found behind the word that names them, in pairs, tables, forms and mirrored lines."""
    check(marked)


@pytest.mark.parametrize(
    "marked",
    [
        "<12345-أ-6|plate>",
        "<12345 أ 6|plate>",
        "<1234-ب-45|plate>",
        "<6-ب-12345|plate> ف الطريق",
        "لوحة <6 ب 12345|plate>",
        "<١٢٣٤٥-أ-٦|plate>",
        "matricule <12345 A 6|plate>",
        "Taxi <1234-B-1|plate>",
        "véhicule <WW123456|plate>",
        "<123456 WW|plate>",
        "plaque ancienne <4123-26/1|plate>",
        "voiture de service <M 123456|plate>",
        "ip:<41.250.12.3|ip>:8080",
        "http://<196.200.131.5|ip>/index.php",
        "<2001:0db8:85a3:0000:0000:8a2e:0370:7334|ip>",
        "réseau <192.168.1.0|ip>/24 et <fe80::1|ip>%eth0",
        "ip <٤١.٩٢.١٠.٥٥|ip>",
    ],
)
def test_plates_and_network_addresses(marked):
    """Plates in their forms and directions, addresses of both versions."""
    check(marked)


@pytest.mark.parametrize(
    "marked",
    [
        "né le <1er janvier 1990|birth_date> à Fès",
        "NE LE <12/05/1985|birth_date> A RABAT",
        "Née à Casablanca, Maroc, le <12/05/1985|birth_date>",
        "DDN : <12.05.85|birth_date>",
        "date de naissance : <12 - 05 - 1985|birth_date>",
        "présumé né en <1960|birth_date>",
        "Born on <May 12, 1985|birth_date> in Rabat",
        "dob: <1985-05-12|birth_date>",
        "Marié le 12/05/2010, né le <12/05/1985|birth_date>, décédé le 01/01/2020",
        "ازداد بالرباط يوم <12 ماي 1985|birth_date>",
        "تاريخ االزدياد: <١٢/٠٥/١٩٨٥|birth_date>",
        "من مواليد <1985|birth_date> بفاس",
        "tzad 3am <1990|birth_date>",
        "<12 rue Ibn Batouta, 20000 Casablanca|address>",
        "<Appt 5, Imm 12, Résidence Al Manar, Hay Riad, Rabat|address>",
        "Adresse : <N° 45, Lotissement Al Qods, Sidi Bernoussi, Casablanca|address>",
        "<45, bd Zerktouni, 3ème étage, Casablanca|address>",
        "<Douar Ouled Ali, commune Aït Ourir|address>",
        "<123 Bd. Mohamed V 2ème étage Casablanca 20250|address>",
        "Hôtel sis <25, Place Djemaa El Fna, Marrakech|address>",
        "<حي السلام، زنقة 5، رقم 12، سلا|address>",
        "<شقة 5 عمارة 12 حي الرياض الرباط|address>",
        "القاطن ب<حي السلام زنقة 5 رقم 12 سلا|address>",
        "العنوان: <دوار أولاد علي جماعة سيدي بيبي إقليم اشتوكة|address>",
        "sakna f <hay mohammadi rue 12 n 45 casa|address>",
    ],
)
def test_births_and_addresses(marked):
    """Dates of birth in words and numbers, addresses in parts, in the languages of the country."""
    check(marked)


@pytest.mark.parametrize(
    "text",
    [
        "La CNSS a versé 123456789 DH aux retraités.",
        "La CNSS prévue par la loi n° 1-72-184 compte 1234567 affiliés",
        "if (12345678 > x) return 1",
        "if x = 12345678:",
        "Assurance RC 2019 et responsabilité civile",
        "le RCA a 12345 abonnés, le RC a perdu 3-0 en 2019",
        "Le registre du commerce est tenu depuis 1996 par le greffe",
        "Référence produit A123456789",
        "Matricule étudiant 12345",
        "Facture FA202401 du 12/01/2024",
        "voiture n° 14, place 52",
        "le total de 12345 A 50 DH",
        "Le 12-B-4567 du code, chapitre 12-A-3",
        "المادة 12 أ و 13 ب، 1 أ 2 ب 3 ج",
        "تضم الجماعة 12345 نسمة و 6 دواوير",
        "version 10.2.3.44, 1.2.3.4, masque 255.255.255.0, 127.0.0.1, ::1",
        "std::vector a::b level[::2] 12:30:45:10 00:1a:2b:3c:4d:5e",
        "contrat signé le 12/05/2020 à Rabat",
        "enfants nés après le 01/01/2003",
        "La naissance du projet date du 12 mars 2010",
        "ازداد عدد السكان ب 12 في المائة سنة 2014",
        "Rendez-vous rue de la gare demain, puis rue Mohammed V",
        "le tribunal du domicile ou de la résidence du défendeur",
        "يسكن في حي شعبي والشارع طويل",
        "zan9a t9ila w derb dayer bina",
    ],
)
def test_what_only_looks_like_one(text):
    """Amounts, articles, versions, code, events and places on a map are none of these."""
    assert find(text) == ()
