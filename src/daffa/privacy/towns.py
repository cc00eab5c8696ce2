"""Towns of Morocco in French and Arabic, the larger ones. Written down from common knowledge; knows no boundary and no code.

A town beside a street makes an address surer, and names the court of a register of commerce.
"""

from __future__ import annotations

__all__ = ["TOWNS"]

_FRENCH = """
Agadir|Aït Melloul|Al Hoceima|Asilah|Assa|Azemmour|Azilal|Azrou|Benguerir|Béni Mellal|Benslimane|Berkane|Berrechid|
Bouarfa|
Boujdour|Boulemane|Bouskoura|Bouznika|Casablanca|Casa|Chefchaouen|Chichaoua|Dakhla|Dar Bouazza|Demnate|Drarga|Driouch|
El Hajeb|
El Jadida|El Kelaa des Sraghna|Errachidia|Essaouira|Es-Semara|Fès|Fnideq|Fkih Ben Salah|Figuig|Goulmima|Guelmim|
Guercif|Ifrane|
Imzouren|Inezgane|Jerada|Kalaat M'Gouna|Kasba Tadla|Kénitra|Khémisset|Khénifra|Khouribga|Ksar El Kebir|Laâyoune|
Laayoune|Larache|
Marrakech|Martil|M'diq|Médiouna|Meknès|Midelt|Missour|Mohammedia|Mohammédia|Nador|Nouaceur|Ouarzazate|Oued Zem|
Ouezzane|Oujda|
Rabat|Rissani|Safi|Salé|Saïdia|Sefrou|Settat|Sidi Bennour|Sidi Ifni|Sidi Kacem|Sidi Slimane|Skhirat|Smara|Souk El Arbaa|
Tamesna|Tan-Tan|Tanger|Taounate|Taourirt|Tarfaya|Taroudant|Tata|Taza|Témara|Tétouan|Tiflet|Tinghir|Tiznit|Youssoufia|Zagora|Zaïo
"""
_ARABIC = """
أكادير|أكدير|آيت ملول|الحسيمة|أصيلة|آسا|أزمور|أزيلال|أزرو|بنجرير|ابن جرير|بني ملال|بنسليمان|بركان|برشيد|بوعرفة|بوجدور|
بولمان|بوسكورة|
بوزنيقة|الدار البيضاء|البيضاء|كازا|شفشاون|شيشاوة|الداخلة|دمنات|الدريوش|الحاجب|الجديدة|قلعة السراغنة|الرشيدية|
الراشيدية|الصويرة|السمارة|فاس|
الفنيدق|الفقيه بن صالح|فكيك|كلميم|كلميمة|جرسيف|كرسيف|إفران|إيفران|إمزورن|إنزكان|جرادة|قصبة تادلة|القنيطرة|قنيطرة|
الخميسات|خنيفرة|خريبكة|القصر الكبير|
العيون|العرائش|مراكش|مرتيل|المضيق|مديونة|مكناس|ميدلت|ميسور|المحمدية|الناظور|النواصر|ورزازات|وادي زم|وزان|وجدة|الرباط|
الريصاني|آسفي|أسفي|سلا|
السعيدية|صفرو|سطات|سيدي بنور|سيدي إفني|سيدي قاسم|سيدي سليمان|الصخيرات|سوق الأربعاء|تامسنا|طانطان|طنجة|تاونات|تاوريرت|
طرفاية|تارودانت|طاطا|تازة|
تمارة|تطوان|تيفلت|تنغير|تزنيت|اليوسفية|زاكورة
"""

TOWNS = tuple(town.strip() for town in "|".join((_FRENCH.strip(), _ARABIC.strip())).split("|") if town.strip())
"""About 200 names of about 100 towns."""
