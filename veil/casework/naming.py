"""Random codes and invented names: made from nothing, drawn by chance, never derived from anybody."""
# ruff: noqa: SIM905  (lists of names are read as text)

import secrets
from collections.abc import Iterable

_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # without those that are taken for each other: I and 1, O and 0
_chance = secrets.SystemRandom()


def code() -> str:
    """Return a code such as `K7Q-2MX` (30 bits)."""
    told = "".join(secrets.choice(_LETTERS) for _ in range(6))
    return f"{told[:3]}-{told[3:]}"


# Names to choose from, by the language community in which they sound at home. They are common on purpose: a rare
# name is remembered. `neutral` names belong to nobody: trees, weather, stones, instruments.
NAMES: dict[str, tuple[str, ...]] = {
    "en": tuple(
        """Abby Adam Alex Alice Amber Andy Anna April Archie Beth Billy Blake Bonnie Brook Carl Casey Chloe Claire Cole
        Connie Craig Daisy Dale Dana Dean Della Drew Eddie Ella Elliot Emma Eric Erin Ethan Evan Faye Felix Fern Finn
        Fiona Frank Freddie Gail Gary George Gina Glen Grace Grant Greg Hannah Harper Harry Hazel Heidi Henry Holly
        Ian Iris Isaac Ivy Jack Jamie Jane Jared Jasper Jesse Jill Jodie Joel Josie Jude Judy Julian June Karen Keith
        Kelly Kevin Kim Kit Kyle Lara Laurie Leah Lee Leo Leslie Lewis Libby Lily Linda Logan Lucas Lucy Lydia Mabel
        Marcus Martha Mason Maya Megan Miles Millie Molly Morgan Nancy Ned Nell Noah Nora Oliver Olive Oscar Owen
        Paige Paul Peggy Percy Perry Piper Polly Quinn Ralph Reese Riley Robin Rory Rosie Ross Rowan Ruby Russell Ruth
        Ryan Sadie Sally Sam Sandy Sara Scott Sean Shay Sidney Simon Sky Sophie Stacey Stella Stuart Tanya Taylor
        Ted Tessa Theo Tim Toby Tom Tracy Travis Vera Vicky Vince Wade Wanda Wendy Will Winnie Zach Zoe""".split()
    ),
    "ru": tuple(
        """Агата Алёна Алина Алиса Алла Анфиса Аня Аркадий Арсений Артём Ася Богдан Боря Вадим Валя Варя Вася Вера
        Веня Вика Виталий Влад Володя Галя Гена Герман Глеб Гоша Гриша Даша Даня Денис Дима Дина Егор Елисей Ефим Жанна
        Женя Захар Зина Злата Зоя Игнат Игорь Инга Инна Ира Катя Кеша Кира Кирилл Клава Клим Коля Костя Ксюша Кузьма
        Лада Лара Лёва Лена Лёня Лера Лиза Лида Лиля Лия Люба Люся Майя Макар Максим Марат Марина Марк Матвей Мила
        Мирон Миша Надя Назар Настя Ната Никита Ника Нина Нонна Оксана Олег Оля Паша Петя Полина Поля Прохор Рая Рита
        Родион Рома Савва Савелий Саша Света Семён Серёжа Соня Стас Стёпа Степан Сева Таня Тая Тарас Тёма Тимофей Тима
        Тихон Толя Тоня Ульяна Устин Федя Фёдор Филипп Фома Фрося Харитон Шура Эдик Элла Эмма Эрик Юля Юра Яна Яков
        Ярик""".split()
    ),
    "ce": tuple(
        """Аза Азамат Айна Айшат Алихан Амина Анзор Арби Аслан Асет Асхаб Ахмед Бекхан Беслан Билал Берлант Валид Ваха
        Дауд Дени Джамиля Заира Залина Заур Зайнап Зара Зарема Зулай Ибрагим Идрис Иса Ислам
        Камила Кемси Кока Лайла Леча Лиана Лиза Лом Луиза Магомед Мадина Макка Малика Мансур Марем Марха Марьям Милана
        Муса Муслим Нурди Петимат Раиса Расул Рашид Роза Руслан Сайхан Салман Саламбек Сацита Сулим Султан Тамара
        Тамерлан Тимур Тоита Турпал Умар Фатима Хава Халид Хамзат Хасан Хеда Хизир Хусейн Шамсу Элина Эльза Эсет Юнус
        Юсуп Яха Яхита""".split()
    ),
    "neutral": tuple(
        """Acorn Agate Alder Almond Amber Anchor Apricot Arrow Ash Aspen Autumn Bamboo Basil Beacon Beech Berry Birch
        Bolt Breeze Bronze Brook Canyon Cedar Cello Cherry Chestnut Cinder Clay Cliff Cloud Clover Coast Cobalt Comet
        Copper Coral Cotton Cove Crystal Cypress Dawn Delta Drum Dune Ebony Ember Fern Fiddle Field Fig Flint Flute
        Forest Frost Ginger Glade Granite Gravel Grove Harbour Harp Hazel Heath Indigo Iris Iron Ivory Jade Juniper
        Lagoon Lake Lantern Larch Laurel Lemon Lilac Lime Linden Lotus Lunar Maple Marble Marsh Meadow Mint Mist Moss
        Myrtle Nettle North Nutmeg Oak Oasis Ocean Olive Onyx Opal Orchid Palm Pear Pearl Pebble Pepper Pine Plum Pond
        Poplar Poppy Prairie Quartz Quince Rain Reed Ridge River Rowan Ruby Saffron Sage Sand Sesame Shore Silver Sky
        Slate Snow Spring Spruce Star Stone Storm Summer Summit Thistle Thunder Thyme Tide Topaz Tulip Valley Vine
        Violet Walnut Wave Willow Winter""".split()
    ),
    "neutral ru": tuple(
        """Агат Айва Алмаз Апрель Аккорд Арфа Астра Базилик Берег Берёза Бирюза Брусника Бронза Василёк Верба Ветер
        Весна Вишня Волна Восток Вяз Гавань Гвоздика Гранат Гранит Гроза Груша Дельта Долина Дождь Дуб Дюна Ельник
        Жасмин Жемчуг Заря Зенит Зима Ива Изумруд Инжир Ирис Иней Искра Каштан Кедр Кипарис Клевер Клён Клюква Ковыль
        Комета Коралл Корица Крокус Лаванда Лавр Ландыш Лето Лимон Липа Лист Лотос Луч Мак Малина Маяк Мёд Мимоза Мята
        Оазис Облако Огонёк Озеро Океан Ольха Опал Орех Осень Осина Остров Парус Пион Полдень Полынь Причал Радуга
        Ракита Река Родник Роса Роща Рубин Рябина Сад Сапфир Север Сирень Скрипка Снег Сосна Степь Терн Тополь Туман
        Тюльпан Утёс Утро Фиалка Фонарь Хвоя Цитрус Черника Шалфей Шторм Янтарь Ясень Яшма""".split()
    ),
}
OFFERED = 6


def offered(community: str, used: Iterable[str] = (), count: int = OFFERED) -> list[str]:
    """Return a handful of invented names of a language community, drawn at random, without those in use.

    Nothing about anybody goes in, so that nothing about anybody can come out. When a worker holds so many cases
    that the names run out, two of them make one ("Лена Тополь" is as good an alias as "Лена").
    """
    taken = {name.casefold() for name in used}
    names = sorted(set(NAMES[community]))
    free = [name for name in names if name.casefold() not in taken]
    while len(free) < count:
        double = " ".join(_chance.sample(names, 2))
        if double.casefold() not in taken and double not in free:
            free.append(double)
    return _chance.sample(free, count)


def is_ours(name: str) -> bool:
    """Tell whether a name is one that could have been offered: whatever else was typed is not an alias."""
    ours = {told for names in NAMES.values() for told in names}
    parts = name.split(" ")
    return len(parts) <= 2 and all(part in ours for part in parts)
