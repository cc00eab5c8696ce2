"""Words of names whose usual Moroccan spelling no rule gives: the short vowels are not written. Common knowledge, by hand.

Keys are Arabic words with plain alef; values are spellings, the most usual first. It helps to spell, not to recognise:
a name that is missing here is spelled by rule.
"""

__all__ = ["WORDS"]

_TABLE = """
محمد Mohammed Mohamed Mouhamed Muhammad
امحمد M'hamed Mhamed
احمد Ahmed Ahmad
محمود Mahmoud
حميد Hamid
حمزة Hamza
حسن Hassan
الحسن El Hassan|Lahcen|El Hassane
لحسن Lahcen|Lahsen
حسين Hussein Houssine Hoceine
الحسين El Houssine|El Hussein|Lhoucine
حسناء Hasnae Hasna
عمر Omar Amar
عمار Ammar
عثمان Othmane Othman Otmane
علي Ali
عيسى Aissa Issa
موسى Moussa Mousa
يوسف Youssef Yousef Yusuf
يونس Younes Younis
ادريس Driss Idriss
اسماعيل Ismail Smail
اسماء Asmae Asma Asmaa
اسامة Oussama Osama
امال Amal Amale
امين Amine Amin
امينة Amina
انس Anas
ايمان Imane Iman
ايوب Ayoub Ayyoub
الياس Ilyas Ilyass Elias
الهام Ilham
ابراهيم Ibrahim Brahim
بلال Bilal Billal
بشرى Bouchra Bochra
بدر Badr
توفيق Taoufik Toufik
ثريا Touria Thouraya
جليلة Jalila
جواد Jaouad Jawad
حليمة Halima
حنان Hanane Hanan
حياة Hayat
خديجة Khadija
خالد Khalid Khaled
رشيد Rachid
رجاء Rajae Raja
رضا Reda Rida
رضوان Redouane Radouane Ridouane
رقية Rkia Roukaya Rokaya
زهراء Zahra Zahrae
الزهراء Zahra|Ezzahra|Zahrae
زهرة Zahra Zohra
زينب Zineb Zaineb Zaynab
زكرياء Zakaria Zakariae Zakariya
سعاد Souad
سعيد Said
سفيان Soufiane Sofiane
سكينة Soukaina Sakina
سلمى Salma Selma
سلوى Saloua Salwa
سليمان Slimane Soulaimane Soulayman
سمية Soumia Soumaya Somaya
سناء Sanae Sana Sanaa
شعيب Chouaib Chaib
شيماء Chaimae Chaima
صلاح Salah
صباح Sabah
صفاء Safae Safa
ضياء Diae Dia
طارق Tarik Tariq
طه Taha
عادل Adil Adel
عائشة Aicha
عبد Abd
عبدالله Abdellah Abdallah
عبدالاله Abdelilah
عبدو Abdou
عزيز Aziz
عزيزة Aziza
عصام Issam
عواطف Aouatif Awatif
غزلان Ghizlane Rhizlane
فؤاد Fouad
فاطمة Fatima Fatma

فدوى Fadoua Fadwa
فوزية Fouzia Faouzia
قاسم Kacem Kassem
كلثوم Kaltoum Kalthoum
كنزة Kenza
كوثر Kaoutar Kawtar
لبنى Loubna Lobna
لطيفة Latifa
ليلى Laila Leila
مريم Meriem Maryam Mariam
مراد Mourad
مصطفى Mustapha Mostafa Mostapha
معاد Mouad
معاذ Mouad Moad
مبارك Mbarek Moubarak M'barek
طيب Taieb Tayeb Taib
زهير Zouhair Zoheir
فيصل Faisal Fayçal
سهام Siham
غيثة Ghita
غيتة Ghita
منصف Moncef Mounsif
منى Mouna Mona
منير Mounir
منية Mounia
مهدي Mehdi Mahdi
المهدي El Mehdi|Mehdi|El Mahdi
نادية Nadia
نجاة Najat
نجيب Najib
نزهة Nezha Nouzha
نسرين Nisrine Nesrine
نعيمة Naima
نور Nour
نورة Noura
هاجر Hajar
هبة Hiba
هدى Houda
هشام Hicham
هند Hind
وفاء Ouafae Wafae Wafa
وئام Ouiam Wiam
وسيمة Ouassima Wassima
يحيى Yahya Yahia
يسرى Yousra Yosra
ياسين Yassine Yacine Yassin
ياسمين Yasmine Yassmine
كريمة Karima
بن Ben
ابن Ben Ibn
بنت Bent Bint
بو Bou
ابو Abou Abu
ام Oum Om
ايت Ait Aït
اولاد Oulad Ouled
ولد Ould
سيدي Sidi
مولاي Moulay My
لالة Lalla
للا Lalla
الحاج El Haj|El Hadj|Haj
الله Allah
الدين Eddine
العثماني El Otmani|El Othmani|Otmani
بنكيران Benkirane
بوعزة Bouazza
بوشعيب Bouchaib
المغرب Al Maghrib|El Maghrib
المغربي El Maghribi|Maghribi
الفاسي El Fassi|Fassi|El Fassy
المراكشي El Marrakchi|Marrakchi
الادريسي El Idrissi|Idrissi
العمراني El Amrani|Amrani
البقالي El Bakkali|Bakkali
الرباطي Rbati|Errabati
الزموري Zemmouri|Ezzemmouri
الحسني El Hassani|Hassani
التازي Tazi|Ettazi
بناني Bennani
بنجلون Benjelloun
السوسي Soussi|Essoussi
"""


def _read(table: str) -> dict[str, tuple[str, ...]]:
    """Arabic word -> spellings; a bar separates spellings that have spaces inside."""
    words = {}
    for line in table.strip().splitlines():
        word, _, spellings = line.partition(" ")
        words[word] = tuple(spellings.split("|") if "|" in spellings else spellings.split())
    return words


WORDS = _read(_TABLE)
"""Arabic word with plain alef -> its spellings, the most usual first."""
