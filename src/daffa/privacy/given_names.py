"""Given names that are common in Morocco, in Latin and Arabic letters. Written down from common knowledge; knows no person.

A given name makes the words beside it surer to be a name. Names that are everyday words as well say less.
"""

from __future__ import annotations

__all__ = ["EVERYDAY", "GIVEN_NAMES"]

_LATIN = """
Mohamed Mohammed Mohammad Mouhamed Mhamed Mhammed M'hamed M'hammed Ahmed Ahmad Mahmoud Hamid Hamida Mustapha Mostafa
Mustafa Moustafa Moustapha Hassan Hasan Hassane Lahcen Lahsen Lhoussaine Houcine Hussein Hossein Houssine Houssein Lhoussine
Elhoussine Ali Omar Oumar Othman Otmane Othmane Abdellah Abdallah Abdullah Abderrahim Abderrahmane Abderrahman Abdelkader
Abdelaziz Abdelhak Abdelkrim Abdelkarim Abdelmajid Abdelhamid Abdellatif Abdelilah Abdelouahed Abdelwahed Abdelghani
Abdeslam Abdessalam Abdessamad Abdessamade Abdelhadi Abdelfattah Abdelali Abdelaali Abdelmalek Abdelmoula Abdennour
Abdelhafid Abdelhafidh Abdenbi Abdennabi Abderrazak Abderrezak Abdelouahab Abdelwahab Abdelbasset Abdeljalil Abdelmounim
Abdelmoughit Abdelhalim Youssef Yousef Yousouf Yasser Yassir Yassine Yacine Yahya Yahia Yacoub Younes Youness Younous
Ayoub Ibrahim Brahim Ismail Smail Ishak Idriss Driss Issam Imad Imrane Imran Iliass Ilyas Ilyass Ilias Jamal Jamaleddine
Jaouad Jawad Jalal Jalil Kamal Karim Khalid Khaled Khalil Larbi Mehdi Mahdi Mourad Mouad Moad Mounir Mounaim Mokhtar
Moncef Nabil Najib Nouredine Noureddine Nourdine Nordine Nasser Naoufal Nawfal Omar Oussama Rachid Rachad Reda Redouane
Ridouane Rida Said Saïd Salah Salaheddine Salim Salem Samir Samy Simo Soufiane Sofiane Sofian Soulaimane Souleymane
Slimane Sliman Tarik Tariq Tahar Tayeb Taoufik Toufik Walid Wassim Wail Zakaria Zakariae Zakariya Ziad Ziyad Zouhair
Zouheir Adil Adel Adnane Adnan Achraf Amine Anas Anass Anouar Anwar Aziz Azzedine Azeddine Badr Badreddine Bilal Bouchaib
Bouazza Chafik Chakib Fahd Faical Faisal Fayçal Farid Fouad Fathallah Ghali Habib Haitam Haytham Hakim Hamza Hamou Hicham
Hichame Hatim Houssam Hakam Jilali Kacem Kaddour Lotfi Loubna Marouane Marwane Maati Miloud Mimoun Mohcine Mohsine Mouhcine
Moussa Mbarek M'barek Nizar Nadir Noah Omaima Qasim Rabie Rafik Ramzi Rayan Rayane Saad Sâad Saâd Sami Seddik Tijani Taha
Thami Yazid Zineddine Zouhir Ikhlass
Fatima Fatma Fatim Fatna Fatiha Fettouma Fatimazahra Fatimaezzahra Zahra Zohra Khadija Khadouj Aicha Aïcha Malika Naima
Naïma Latifa Rachida Saida Saïda Samira Karima Nadia Najat Najia Najwa Najoua Nawal Naoual Amina Aminata Amal Amale Asmae
Asmaa Asma Assia Bouchra Btissam Ibtissam Ibtissame Chaimae Chaimaa Chaima Chadia Dounia Farida Fadila Fadoua Fadwa Ghita
Ghizlane Ghizlan Habiba Hafida Hafsa Hajar Hakima Halima Hanae Hanane Hanan Hasna Hasnaa Hasnae Hayat Hind Hiba Houda Huda
Houria Ikram Ikrame Ilham Imane Iman Inass Ines Inès Jamila Jihane Jihan Kaoutar Kawtar Kenza Khaoula Kaltoum Keltoum
Laila Leila Leïla Layla Lamia Lamiae Lamiaa Latefa Lina Loubna Lubna Mariam Maryam Meriem Meryem Mariame Maria Mina Mouna
Mona Mounia Nabila Nadira Naziha Nora Noura Nour Nouhaila Nouhayla Oumaima Oumayma Ouafa Ouafae Wafae Wafaa Rabia Rabiaa
Rajae Rajaa Raja Rania Ranya Rim Rita Rkia Rokia Rokaya Saadia Safae Safaa Salma Selma Sanae Sanaa Sana Sara Sarah Siham
Souad Soukaina Soumia Soumaya Soumaia Soraya Touria Wiam Wissal Wiame Yamina Yasmine Yassmine Yousra Youssra Zakia Zainab
Zineb Zaineb Zhor Zoubida Zouhra Maha Mahjouba Manal Mbarka M'barka Tamou Itto Tuda Hadda Hennou Izza Idir Aksel Amazigh
Massine Mehand Muhand Moha Mohand Hammou Ounss Izem Tilila Tiziri Numidia Illy Badia Chama Batoul Bahija Aziza Arwa Ahlam
Afaf Aida Zaynab
"""
_ARABIC = """
محمد امحمد محماد أحمد احمد محمود حميد حميدة مصطفى حسن حسين الحسين لحسن الحسن علي عمر عثمان إبراهيم ابراهيم إسماعيل
إدريس ادريس يوسف ياسر ياسين يحيى يعقوب يونس أيوب عصام عماد عمران إلياس جمال جواد جلال جليل كمال كريم خالد خليل العربي
مهدي المهدي مراد معاد معاذ منير منعم المختار مختار منصف نبيل نجيب نورالدين ناصر نوفل أسامة رشيد رضا رضوان سعيد صلاح
سليم سالم سمير سفيان سليمان طارق الطاهر الطيب توفيق وليد وسيم وائل زكرياء زكريا زياد زهير عادل عدنان أشرف أمين أنس
أنور عزيز عزالدين بدر بلال بوشعيب بوعزة شفيق شكيب فهد فيصل فريد فؤاد غالي حبيب هيثم حكيم حمزة حمو هشام حاتم حسام
الجيلالي قاسم قدور لطفي مروان المعطي ميلود ميمون محسن موسى مبارك امبارك نزار نذير ربيع رفيق رمزي ريان سعد سامي الصديق
التيجاني طه التهامي يزيد صلاحالدين بوجمعة الحبيب عباس العباس مولود هاشم عمار إسحاق سلمان عزوز
فاطمة فاطنة فطومة فتيحة الزهراء زهرة الزهرة خديجة عائشة مليكة نعيمة لطيفة رشيدة سعيدة سميرة كريمة نادية نجاة نجية نجوى
نوال أمينة أمل أسماء آسية بشرى ابتسام شيماء شادية دنيا فريدة فضيلة فدوى غيثة غزلان حبيبة حفيظة حفصة هاجر حكيمة حليمة
هناء حنان حسناء حياة هند هبة هدى حورية إكرام إلهام إيمان إيناس جميلة جيهان كوثر كنزة خولة كلثوم ليلى لمياء لينا لبنى
مريم ماريا مينة منى مونية نبيلة نزيهة نورة نور نهيلة أميمة وفاء رابحة ربيعة رجاء رانيا ريم رقية سعدية صفاء سلمى سناء
سارة سهام سعاد سكينة سومية سمية ثريا وئام وصال يامنة ياسمين يسرى زكية زينب زهور زبيدة مها محجوبة منال مباركة بديعة
بتول بهيجة عزيزة أروى أحلام عفاف عايدة غيتة حادة إيطو إيدر
"""
_EVERYDAY = """
Amal Amine Aziz Habib Hakim Karim Nour Noura Rita Maria Sara Sana Salem Said Mona Mina Noah Aida Amazigh Rim Reda Maha Lina
Hayat Zahra Jamal Samy Badr Ali Omar Salim Rabia Rabie Saad Taha Sami Nadir Issam Wail Illy Najat Houda Iman Dounia Zhor
حسن كريم حكيم سعيد عزيز حبيب حميد أمين أمل نور هدى إيمان حياة دنيا نجاة جميلة زهرة زهور وفاء رجاء هناء صفاء إلهام سعد
سالم سليم بدر جلال جمال كمال صلاح رضا مراد منير نذير ربيع رفيق خالد خليل ناصر ناصح مبارك مولود طاهر الطاهر الطيب العربي
المختار مختار المهدي الصديق الحبيب أحلام عادل سامي زكية كريمة لطيفة فضيلة بديعة عزيزة حليمة سعيدة فريد فريدة بشرى نزيهة
أسماء حادة وئام وصال شفيق توفيق وليد ابتسام حنان هبة علي كوثر عصام يسرى قاسم غالي لحسن يزيد عمر أنور منى ليلى
"""

GIVEN_NAMES = frozenset(_LATIN.lower().split()) | frozenset(_ARABIC.split())
"""Latin names in small letters, Arabic ones as they are written."""
EVERYDAY = frozenset(_EVERYDAY.lower().split())
"""Those of them that are also words, or parts of them."""
