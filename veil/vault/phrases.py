"""Passphrases that are offered: words drawn by chance from lists of our own, easy to remember, at least 64 bits."""

import secrets

WORDS = 8  # of 256 each: 64 bits
LISTS = {
    "en": """
acorn alarm amber anchor ankle apple apron arch arrow attic autumn avenue bacon badge bagel ballad bamboo banner
barley barrel basil basket beach beacon beard beetle bell bench berry birch biscuit blanket boat bonfire book
boot bottle bowl branch bread breeze brick bridge broom brush bucket butter button cabin cactus cake camel canal
candle canoe canvas carpet carrot castle cattle cellar cement chain chalk cheese cherry chimney cider cinema
circus clay cliff clock cloud clover coal coast cocoa coffee comet compass copper coral corner cotton couch
crane cricket crown cup curtain daisy dance dentist desert desk diamond dinner dolphin donkey door dragon drawer
drum duck dust eagle earth echo elbow ember engine fabric falcon farmer feather fence fern ferry fiddle field
finger flame flask flour flute forest fossil fountain frost garage garden garlic gate ginger glacier glass glove
goat grape gravel guitar hammer hammock harbor harvest hazel hedge helmet heron hill honey horse hotel house
island ivory jacket jar jasmine jelly jigsaw journal jungle kettle kitchen kitten ladder lake lantern laurel
lawn leaf lemon lentil letter lilac lime linen lion lizard lobster locket lunch magnet mango maple marble market
meadow melon mirror mitten moon morning moss motor mountain mouse mushroom mustard napkin needle nest noodle
notebook nutmeg oak oar ocean olive onion orange orchard otter oven owl oyster paddle paint palace panda pantry
paper parade parrot pasta peach peanut pebble pencil pepper piano picnic pigeon pillow pine planet plum pocket
poem pond poppy potato puddle pumpkin puppet quilt rabbit radio radish raft rain ribbon rice river
""".split(),
    "ru": """
абажур авоська айва акация аквариум альбом ананас антенна апельсин аптека арбуз арка артист астра афиша бабочка
багаж балкон банан барабан баран баржа барсук батон башня бегемот белка берег береза билет бинокль блокнот
брюква бублик будка букет булка бумага буран бутон вагон ваза валенок варенье веер велосипед веник веранда верба
весло ветер ветка ветчина вечер вилка вишня вокзал волна ворона ворота галстук гвоздь герань гитара глина глобус
гора горох гостиница град гранат графин гребень гриб груша губка гусь дача дверь двор дельфин деревня диван
диктант дождь долина дорога доска дрова дуб дудка дыня енот жакет желудь жираф журавль журнал забор завод
загадка закат залив замок занавес заря заяц звезда звонок зебра зеркало зерно зима змея зонт игла изба изюм икра
индюк ирис искра июль кабан кабинет кадка калач калина камень канава канат капля капуста карман карта картина
каска катер каша каштан квартет кедр кефир кино кирпич кисель кисть клевер клен клумба ключ книга кобра ковер
колесо колодец комар комета компас конверт копна корабль корзина костер кофе кошка кран крапива краска кресло
крыльцо крыша кубик кувшин кукла кулак купол курица куртка кухня лавка ладонь лампа ландыш ласточка лебедь лев
лейка лента лес лето лимон липа лиса лист лодка ложка локоть лопата лось лошадь лужа лук луна лыжи магнит мак
малина марка маска масло матрос мебель медведь мельница метель метро мешок молоко море мороз мост мотор музей
муравей мыло мяч нитка нота облако огурец озеро океан окно олень орех оркестр осень остров отель палатка пальто
парк парус перо песня печь пирог платок поезд поле пчела река роза роман рояль
""".split(),
}
LEAST = 16  # characters of a passphrase that somebody makes up


def offered(language: str) -> str:
    """Return a new passphrase in a language (English where there is no list)."""
    words = LISTS.get(language[:2], LISTS["en"])
    return " ".join(secrets.choice(words) for _ in range(WORDS))


def weak(passphrase: str, call_sign: str = "") -> bool:
    """Tell whether a passphrase is too easy to guess: short, one thing repeated, or made of the call sign."""
    told = "".join(passphrase.casefold().split())
    sign = "".join(call_sign.casefold().split())
    left = told.replace(sign, "") if sign else told
    return len(passphrase.strip()) < LEAST or len(set(left)) < 7 or len(left) < LEAST // 2


def call_signs(language: str, count: int) -> list[str]:
    """Return different call signs, drawn by chance: to be offered, so that nobody derives one from a person."""
    words = LISTS.get(language[:2], LISTS["en"])
    return [word.capitalize() for word in secrets.SystemRandom().sample(words, count)]
