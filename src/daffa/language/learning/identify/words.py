"""Common words of Darija, in both scripts, and of Standard Arabic, written for the training set. Knows no sentence.

The words of Darija are markers: spelled so, they are (nearly) never Standard Arabic. No native speaker has read the lists.
"""

from __future__ import annotations

from typing import Final

__all__ = ["ALL", "DARIJA", "DARIJA_IN_LATIN", "EVERYDAY", "FRENCH_IN_DARIJA", "PAIRS", "STANDARD"]

DARIJA: Final = frozenset("""
هاد هادا هادي هادو هادشي هادوك هاداك هاديك داك ديك دوك داكشي هاكا هاكاك هكاك راه راها راهم راني راك راكي راكم رانا
هانا هاهو هاهي اللي ديال ديالي ديالك ديالو ديالها ديالنا ديالكم ديالهم ديالتي ديالتو تاع متاع نتا نتي نتوما هوما حنا
احنا أنايا شنو شنا اشنو أشنو شنوا شنهو شكون فين فاين منين فوقاش إمتى امتا علاش كيفاش كيفاه شحال واش أش اش آش بشحال فاش
باش ملي مللي دابا دبا بزاف بزف شوية شويا شويش شي حيت حيتاش حينت غي عاد بلا مزيان مزيانة مزيانين بحال بحالك بحالو بحالي
فحال كاع گاع ڭاع تماك تما هنايا لهيه دغيا دغية نيشان ديما صافي يالاه يلاه ايلا إيلا إلى والو حتا حدا حداك حداه قدام
مورا اللور لور لفوق لتحت بعدا زعما زعمة خاص خاصني خاصك خاصو خاصها خاصنا خاصهم خاصكم خصني خصك خصو خصها خصنا خصهم خصكم
خصوم كاين كاينة كاينين ماكاينش مكاينش ماكاين مكاين غادي غاديا غادية غاديين بغيت بغيتي بغا بغات بغاو بغينا نبغي كنبغي
كيبغي كتبغي كيبغيو باغي باغا باغين باغية درت درتي دارت دارو درنا درتو دير ديري ديرو ندير تدير يدير كيدير كتدير كندير
كيديرو كنديرو ديرها ديرو شفت شفتي شفتو شافو شافت كنشوف كتشوف كيشوف شوف شوفي مشيت مشيتي مشا مشات مشاو مشينا نمشي تمشي
يمشي كيمشي كتمشي كنمشي نمشيو جيت جيتي جات جاو جينا نجي تجي يجي كيجي كتجي كنجي جاي جاية جايين عطيني عطيت عطاني عطاتو
عطاه خليني خليه خلات خلاو خليتو هضر هضرة كنهضر كيهضر كتهضر نهضر يهضر الهضرة هضرت لقيت لقا لقات لقاو كنعرف كيعرف كتعرف
ماعرفتش معرفتش عرفتي كنعرفو ماعرفش معرفش كيقول كنقول كتقول كيقولو گال گالت گاليا قاليا قالي قاليه قالك قالو قالت ليا
ليك ليه ليهم لينا ليكم ليها معايا معاك معاه معانا معاهم فيا عندي عندو عندنا عندهم ماعنديش معنديش ماعندوش معندوش
ماعندناش ماشي مابغيتش مبغيتش مابقاش مبقاش مابقيتش ماكانش مكانش ماكنتش سير سيري سيرو أجي أجيو آجي اجي نوض ناض ناضت نعس
نعست گلس گالس گالسة جلست خدام خدامة خدامين كنخدم كيخدم كتخدم نخدم يخدم شريت شرا شرات كنشري نشري كول كلا كليت كناكل
كتاكل كياكل ناكل هبط هبطت طلعت خرجات خرجو دخلات دخلو وصلات وصلو سمعتي سميتي سميتك سميتو سميتها عفاك عافاك لاباس لابأس
خويا ختي ختو خوه خوك واخا واخة اه ايوا إيوا أيوا بصح دراري الدراري دري درية ولاد لولاد لبنات عيالات العيالات راجل
الراجل راجلها مرا المرا مراتو مراتي ولدو بنتو دارنا الدار طوموبيل الطوموبيل طموبيل لوطو طاكسي بيرو فلوس الفلوس لفلوس
حانوت الحانوت زنقة الزنقة الحومة سبيطار السبيطار كنقرا كيقرا كتقرا قريت لقراية القراية واعر واعرة زوين زوينة زوينين
خايب خايبة صعيب صعيبة ساهلة سخون صغار كبار مكرفص عيان عيانة عييت فرحان معصب مقلق زربان مزروب نهار لبارح البارح ليوم
لعشية سيمانة السيمانة جوج تلاتة تلاتا ربعة ربعا تمنية تسعود حداش طناش عشرين غانمشي غنمشي غاتمشي غايجي غيكون غايكون
غاتكون غتكون غيدير غايدير غندير كيكون كتكون كيكونو تايكون كنت كنتي كانو كنا كاتكون تيقول تنقول تنمشي كيتسنا كنتسنى
تسنا تسناني كنتسناك بقا بقات بقاو بقينا بقيت ولات ولاو ولينا ولى عاود عاودتاني تاني تا حتى لدابا قبايلة قبيلا دوز دازت
داز دازو جاب جابت جابو جبت نجيب يجيب تجيب دي ديها داها داو ديت هز هزيت هزها شد شديت شدو حط حطيت حطو حطها لاح لحت طاح
طاحت طحت ضرب ضرباتو ضحك ضحكات كيضحك بكات كيبكي كتبكي فهمت فهمتي كتفهم كيفهم مافهمتش مفهمتش نسيت نسا نسات كنسى عيط عيطت
عيطلي عيطليا صيفط صيفطت صيفطلي صيفطليا هاتف تيليفون التيليفون بورطابل لباس لمدرسة لخدمة لماكلة الماكلة لحوايج الحوايج
حاجة لحاجة شيحاجة شيواحد حتاواحد كلشي كولشي كلهم كاملين كاملة بيناتنا بيناتهم راسو راسي راسك براسو بوحدو بوحدي بوحدها
فديك فداك فهاد بهاد لهاد علا عليا عليك فوق فالدار فالصباح فالليل فالمغرب فكازا فهادشي كازا الرباط وخا ونتا وهوما وحنا
وشنو وفين وعلاش هاذ هاذي هاذا هاذشي ذاكشي داغيا بلي باللي هدا هادوا شويا نتاع نتاعو الي فحالة مكانتش ماكانتش يقدر
كيقدر تقدر كتقدر غيؤدي بوحدهم معرفتوش كيولي كتولي ولاتو بدون خدامو كيستعمل كيستعملو كتستعمل كيتم تيتم كتم كيخلي كيسميو
تسمات تزاد تزادت كبرات خدات عطات بدات بدا بداو خلاوها لقاوه وكيفاش وباش وداكشي وهاد وهادشي وبزاف ودابا ولا ولكن وماشي
وكاين وغادي كيما كما كيتعتابر كيعني تيتعتابر تعتابر كيتسمى كتسمى كيبقى
""".split()) - frozenset("""
يقدر تقدر بدون كتم الي فحالة إلى حتى كما كنت كنا ولا ولكن قالت قالو عليك فوق الرباط تمشي يمشي نخدم يخدم حاجة ولى تا
هاتف لباس ضرب جلست بكات تدير يدير ندير دي خاص طاكسي راجل شد حط هز لاح طاح كاملة كلهم فهمت نسيت عندي عندنا عندهم قدام
تلاتة وصلات صغار كبار عشرين ساهلة الدار دارنا داو نجيب يجيب تجيب جابت جاب نهار ولاد درت دارت معاك نعس نعست جات هضر مرا
خرجات أش لفوق لتحت جاي
""".split())  # fmt: skip
"""About 500 marker words in Arabic script; the words taken away again are good Standard Arabic as well, or names."""

STANDARD: Final = tuple("""
الذي التي الذين اللواتي هذا هذه ذلك تلك هؤلاء أولئك ليس ليست ليسوا لست لسنا لم لن سوف قد لقد إن أن كأن لكن لعل ليت حيث
كما حين حينما عندما بينما إذ إذا لأن لكي كي منذ حول نحو أمام خلف وراء فوق تحت داخل خارج جدا كثيرا قليلا أيضا فقط الآن
هنا هناك أين متى كيف لماذا ماذا كم هل أي ما نحن هم هن أنتم هما يكون تكون كانت كانوا يجب ينبغي يمكن يستطيع تستطيع
أستطيع أريد يريد تريد نريد يريدون ذهب ذهبت ذهبوا رأيت رأى نظر قال يقول تقول أعطى أخذ جاء جاءت أتى يأتي يفعل تفعل أفعل
سيكون ستكون غدا أمس اليوم إلى على عن في مع ثم أو أم بل كل بعض جميع غير سوى عند لدى بعد قبل خلال أثناء بسبب حتى لا ولا
وكان وقد فقد إنه إنها أنه أنها لأنه لأنها به بها له لها فيه فيها منه منها عليه عليها إليه إليها وهو وهي والتي والذي
مما عما لما كلما أينما أحيانا دائما أبدا ربما طبعا حقا معا سابقا حاليا وفقا نظرا بالإضافة فضلا إضافة لذلك كذلك هكذا
رغم تم يتم أصبح أصبحت ظل ظلت بدأ بدأت أراد أرادت استطاع ابنه ابنته زوجته سيارة نافذة طفل أطفال امرأة رجل نساء جميل
جميلة سيئ جيد جيدة شيء أشياء أحد شخص نقود مستشفى شارع متجر يعمل تعمل أعمل يدرس تدرس أدرس يتحدث تتحدث يعرف أعرف تعرف
نعرف اثنان ثلاثة ثمانية أسبوع المادة القانون الوزارة المرسوم الفصل القرار المغربية الحكومة الدولة المجلس تطبيق أحكام
المتعلق المشار أعلاه بموجب يحدد تحدد ينشر الجريدة السؤال الجواب الطلب الوثيقة الشهادة الإدارة المواطن المواطنون الحصول
تقديم
""".split())  # fmt: skip
"""Common words of Standard Arabic, those of offices among them."""

PAIRS: Final = tuple(
    (latin.split("/"), arabic.split("/"))
    for latin, arabic in (
        row.split()
        for row in """
wach/wesh/wash/wax واش
chno/chnou/chnu/shno/chnoo شنو/اشنو/أشنو
chkon/chkoun/shkoun/xkon شكون
fin/fine/feen فين
mnin/mnine/menin منين
fo9ach/fou9ach/fou9ash فوقاش
3lach/3lash/alach/3lax علاش
kifach/kifash/kifax كيفاش
ch7al/chhal/sh7al/che7al/xhal شحال
daba/dba/dabba دابا/دبا
bach/bash/bax باش
bzaf/bzzaf/bezaf/bezzaf/bzf بزاف/بزف
chwiya/chwia/chouiya/shwiya شوية/شويا
chi/shi/xi شي
7it/hit/7ite حيت
ghir/4ir/ghi غير/غي
3ad/aad عاد
mzyan/mezyan/mzian/meziane مزيان
mzyana/meziana مزيانة
b7al/bhal/be7al بحال
ga3/gaa3/gae گاع/كاع
dghya/dghiya دغيا/دغية
dima/dimaa ديما
safi/saafi صافي
yallah/yalah/yllah يالاه/يلاه
ila/ilaa إيلا/ايلا/إلا
walo/walou/walu والو
7ta/hta/7tta حتى/حتا
9dam/9eddam/kdam قدام
mora/moura مورا
z3ma/za3ma/zaama زعما/زعمة
khass/khas/5ass خاص
khassni/khasni/5assni/khssni خاصني/خصني
khassek/khasek/5assek خاصك/خصك
khasso/khaso/5asso خاصو/خصو
kayn/kayen/kaine كاين
kayna/kayena كاينة
makaynch/makainch/makaynsh ماكاينش/مكاينش
ghadi/4adi/radi/ghady غادي
bghit/bghite/b4it/brit بغيت
bghiti/b4iti بغيتي
bgha/b4a/bra بغا
bghat/b4at بغات
baghi/ba4i باغي
dert/drt/dart درت
derti/drti درتي
dir/dire دير
ndir/ndire ندير
kaydir/kaydire/kidir كيدير
katdir/katdire كتدير
chft/cheft/shft/chouft شفت
chof/chouf/shof شوف
mchit/mshit/mechit مشيت
mcha/msha مشا/مشى
nmchi/nemchi/nmshi نمشي
jit/jite جيت
ja/jaa جا
jat/jaat جات
nji/neji نجي
3tini/aatini/3teni عطيني
khlini/5lini/khellini خليني
hdr/hder/hdar هضر
nhdr/nehder نهضر
l9it/lkit/l9ite لقيت
3rft/3reft/aarft عرفت
ma3rftch/ma3reftch معرفتش/ماعرفتش
galt/gult/9olt/golt قلت/گلت
gal/9al/gaal قال/گال
galiya/9aliya/galya قاليا/گاليا
liya/lya/lia ليا
lik/lik/leek ليك
lih/liih ليه
m3aya/maaya/m3aia معايا
m3ak/maak/m3ake معاك
3ndi/3endi/andi عندي
3ndek/3endek/3ndk/andek عندك
3ndo/3endo/3ndou عندو
ma3ndich/ma3endich/maandich معنديش/ماعنديش
machi/mashi/maxi ماشي
mab9ach/mab9ash مابقاش/مبقاش
sir/sire سير
aji/ajji أجي/اجي
khdam/5dam/khddam خدام
khdma/5dma/khedma خدمة
sme7/sm7/smeh سمح
smiti/smiyti/smyti سميتي
smitek/smitk/smiytek سميتك
3afak/3afek/afak عافاك/عفاك
labas/labass/labes لاباس
khoya/5oya/khouya خويا
khti/5ti/khety ختي
wakha/wa5a/waxa/okha واخا
iwa/ewa/iiwa إيوا/ايوا
drari/draari دراري
wlad/oulad/wlaad ولاد
bnat/bnaat بنات
rajel/rajl/rjel راجل
mra/mraa مرا
dar/daar/ddar دار
flous/flos/flouss/fluss فلوس
hanout/7anout/7anot حانوت
zwin/zwine/zouin زوين
zwina/zouina زوينة
khayb/5ayb/khayeb خايب
wa3r/wa3er/waer واعر
s3ib/saib صعيب
nhar/nhaar نهار
lbar7/lbareh/lbare7 لبارح/البارح
lyoum/lyom/lyouma اليوم/ليوم
ghda/ghdda/4da/ghedda غدا
sba7/sbah/sbaa7 صباح
lil/liil/leil ليل
joj/jouj/zouj جوج
tlata/tlataa تلاتة
rb3a/reb3a ربعة
khmsa/5msa/khemsa خمسة
dial/dyal/diyal/dyaal ديال
diali/dyali/dyaly ديالي
dialk/dyalk/dialek/dyalek ديالك
dialo/dyalo/dyalou ديالو
dialha/dyalha ديالها
dialna/dyalna ديالنا
dialhom/dyalhom ديالهم
li/lli/elli لي/اللي
had/hade/hadd هاد
hadi/hady هادي
hada/hadaa هادا/هدا
hadchi/hadshi/hadxi هادشي
dak/daak داك
dik/diik ديك
dakchi/dakshi داكشي
ana/anaa أنا/انا
nta/enta/nta نتا
nti/nty/enti نتي
ntoma/ntouma نتوما
howa/huwa/houwa هو/هوا
hiya/hia/hiyya هي/هيا
homa/houma/huma هوما
7na/hna/7naya حنا
rah/raah راه
raha/rahaa راها
rani/raani راني
rak/raak راك
kan/kaan كان
kant/kaant كانت
kanbghi/kanb4i/kanbghy كنبغي
kaybghi/kayb4i كيبغي
katbghi/katb4i كتبغي
kan3rf/kan3ref/kan3raf كنعرف
kat3rf/kat3ref كتعرف
kay3rf/kay3ref كيعرف
kangol/kan9ol/kangoul كنقول/كنگول
kaygol/kay9ol/kaygoul كيقول/كيگول
kanakol/kanakoul كناكل
nakol/nakoul ناكل
tswel/tsewel/tsawel تسول
walakin/walakine/welakin والاكين/ولكن
wla/oula/wela ولا
o/w/ou و
f/fi ف/في
l/le ل
mn/men/mine من
3la/ala/3laa على/علا
m3a/maa/ma3a مع/معا
bla/blaa بلا
ta/taa تا
awl/lwl/lewel اللول
allah/llah الله
inchallah/inshallah/nchalah إنشاءالله/نشالله
lhamdollah/lhamdoulilah/l7amdollah الحمدلله
salam/slm/slam سلام
bslama/beslama بسلامة
chokran/choukran/shokran شكرا
afak/3afak عفاك
sahbi/sa7bi/sahbii صاحبي
mochkil/mouchkil/moshkil مشكل
wahed/wa7ed/wa7d/wahd واحد
wa7da/wahda واحدة
kolchi/koulchi/kulshi كلشي/كولشي
bo7di/bouhdi بوحدي
rasi/raasi راسي
tsna/tsenna/tssena تسنا
bqa/b9a/bka بقا
b9it/bqit/bkit بقيت
jab/jaab جاب
jib/jiib جيب
kherja/khrja خرجة
khrej/5rej/khroj خرج
dkhel/d5el/dkhol دخل
tl3/tla3/tle3 طلع
hbet/hbat هبط
wsel/wsl/ousel وصل
sift/sifet/sayfet صيفط
3iyt/3ayet/3eyet عيط
fhemt/fhmt فهمت
fhemti/fhmti فهمتي
nsit/nssit نسيت
3iyan/3eyan عيان
fer7an/ferhan/far7an فرحان
m9ele9/m9al9 مقلق
""".strip().splitlines()
    )
)
"""Darija words as they are spelled in Latin letters and digits, beside their spellings in Arabic letters."""

DARIJA_IN_LATIN: Final = tuple(sorted({
    spelling for latin, _ in PAIRS for spelling in latin if len(spelling) > 2
} - {"dire", "fine", "dart", "bra", "hit", "sir", "wash", "bash", "had", "fin", "shi", "mine", "jab", "jib",
     "dar", "fade", "hade", "ala", "radi", "kan", "rah", "lik", "lil", "ila", "wax", "sire", "men",
     "andi", "raha", "jat", "gal"}))  # fmt: skip
"""Spellings that are no word of French, English or Spanish."""

FRENCH_IN_DARIJA: Final = tuple("""
rendez-vous|normalement|la carte|le dossier|la commune|le certificat|c'est bon|d'accord|s'il vous plaît|merci|bonjour
en retard|le bus|le train|la gare|l'hôpital|le médecin|la pharmacie|la facture|internet|le téléphone|le code|le compte
la banque|le crédit|le contrat|l'entreprise|le directeur|la réunion|le stage|l'école|le prof|l'examen|la note
les vacances|le week-end|ce soir|demain|hier|déjà|vraiment|surtout|par exemple|quand même|bien sûr|pas de problème|ça va
le problème|la solution|le prix|gratuit|cher|la livraison|le message|la photo|la vidéo|le lien|le groupe|le site
l'application|le formulaire|la demande|la signature|le passeport|le visa|l'adresse|le quartier|l'appartement|la voiture
le permis|l'assurance|la police|le tribunal|l'avocat|la famille|les enfants|en ligne|tout de suite|le matin|l'après-midi
au travail|à la maison|trop bien|pas mal|de toute façon|franchement|donc|parce que|alors|mais|après|avant|avec|sans|pour
chaque jour|la semaine prochaine|le mois dernier|c'est quoi|je sais pas|il faut
""".replace("\n", "|").strip("|").split("|"))  # fmt: skip
"""French that is said inside Darija."""

EVERYDAY: Final = {
    language: tuple(words.split())
    for language, words in {
        "fr-Latn": """
bonjour bonsoir salut merci oui non pardon facture dossier commune demande certificat carte nationale identité
rendez-vous adresse téléphone nom prénom date naissance signature madame monsieur pourquoi comment combien
quand où demain hier aujourd'hui école santé impôts permis passeport objet urgent réponse pièce jointe
quartier rue loi article décret
""",
        "en-Latn": """
hello hi thanks please yes no sorry invoice file request certificate card identity appointment address phone
name date birth signature madam sir why how when where tomorrow yesterday today school health taxes licence
passport subject urgent answer attached street law article good morning night
""",
        "es-Latn": """
hola gracias adiós sí perdón factura expediente solicitud certificado tarjeta identidad cita dirección
teléfono nombre apellido fecha nacimiento firma señora señor cómo cuánto cuándo dónde mañana ayer hoy escuela
salud impuestos permiso pasaporte asunto urgente respuesta adjunto calle ley artículo buenos días noches
""",
        "zgh-Latn": """
azul tanmmirt manzakin mani mad manwa mayd yah uhu assa askka idlli gma ultma agllid tamazirt tigmmi aɣaras
awal tinml
""",
        "kab-Latn": """
azul tanemmirt amek anida acu anwa ih ala ass-a azekka iḍelli gma weltma agellid tamurt axxam abrid awal
aɣerbaz
""",
        "zgh-Tfng": """
ⴰⵣⵓⵍ ⵜⴰⵏⵎⵎⵉⵔⵜ ⵎⴰⵏⵣⴰⴽⵉⵏ ⵎⴰⵏⵉ ⵎⴰⴷ ⵎⴰⵏⵡⴰ ⵢⴰⵀ ⵓⵀⵓ ⴰⵙⵙⴰ ⴰⵙⴽⴽⴰ ⵉⴹⵍⵍⵉ ⴳⵎⴰ ⵓⵍⵜⵎⴰ ⴰⴳⵍⵍⵉⴷ ⵜⴰⵎⴰⵣⵉⵔⵜ ⵜⵉⴳⵎⵎⵉ ⴰⵖⴰⵔⴰⵙ ⴰⵡⴰⵍ
ⵜⵉⵏⵎⵍ ⵜⴰⵖⵉⵡⴰⵏⵜ ⵜⴰⵡⵏⵥⴰ ⵉⵙⵎ ⵓⵟⵟⵓⵏ ⴰⵏⵙⴰ ⵜⴰⴽⴰⵕⴹⴰ ⵜⴰⵎⵓⵔⵉ ⵜⴰⵣⵔⴼⵜ ⵜⴰⵎⴰⵣⵉⵖⵜ ⵍⵎⵖⵔⵉⴱ ⴰⵔⵔⴰ ⴰⵙⴳⴳⵯⴰⵙ ⴰⵢⵢⵓⵔ ⴰⵙⵙ ⵜⴰⵎⴷⵉⵏⵜ ⴰⵎⵓⵏ
ⴰⵎⴰⵡⴰⵙ
""",
    }.items()
}
"""Words that are written alone: greetings, and the words of forms. Sources of whole sentences do not have them so."""

ALL: Final = DARIJA.union(STANDARD, DARIJA_IN_LATIN, FRENCH_IN_DARIJA, *EVERYDAY.values())
"""Every word that is learned from by itself."""
