"""Local words (`[terms]`): a district says 施教区 for 招生范围, or "attendance area" for "catchment", everywhere.

They replace words of the raw sentences, before facts are filled in: a name is never altered, nor is what the sentence
quotes of files, keys and options.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import Literal, get_args

Language = Literal["en", "zh"]
ChineseWord = Literal[
    "招生范围",
    "小区",
    "楼盘",
    "片区",
    "学位",
    "统筹",
    "起始年级",
    "一年级",
    "二年级",
    "三年级",
    "四年级",
    "五年级",
    "六年级",
    "七年级",
    "八年级",
    "九年级",
    "交流轮岗",
]
EnglishWord = Literal["catchment", "unit", "estate", "places", "grade", "primary", "junior"]
Word = Literal[ChineseWord, EnglishWord]
"""Words of the catalogue that a district may have another word for; English ones in the singular, `places` as it is."""
WORDS: Mapping[Language, tuple[str, ...]] = {"zh": get_args(ChineseWord), "en": get_args(EnglishWord)}
LONGEST = 20
"""Characters of a local word: more is a sentence."""

_FIT = re.compile(r"[^\W_](?:[\w ·・'’()（）-]*[\w)）])?")
_CHINESE: Mapping[str, str] = {"统筹": "(?<!编制)(?<!全区)统筹(?!范围|层级)(?:调剂|安排)?"}
"""What a word is looked for as, where that is not the word itself; 编制统筹 and 全区统筹 are no matter of children."""
_QUOTED_BEFORE = r"(?<![\w\"'\[{./=`-])(?<!table )(?<!tables )"
_QUOTED_BEHIND = r"(?![\w\"\]}/=`-]|\.\w|'\w*'|\s*=)"
"""Beside a name of a file, key, table or option, an English word is part of that name."""

Terms = tuple[tuple[str, str], ...]
_spoken: ContextVar[Terms | None] = ContextVar("terms", default=None)


def fits(local: str) -> bool:
    """Whether a text may stand for a word: short, of letters, digits and what joins them, so no gap and no markup."""
    return len(local) <= LONGEST and _FIT.fullmatch(local) is not None


def adopt(stated: object) -> None:
    """Speak with the local words of a table `[terms]` from here on; what could not stand there is passed over."""
    entries = stated.items() if isinstance(stated, Mapping) else ()
    known = {word for words in WORDS.values() for word in words}
    usable = ((word, local) for word, local in entries if word in known and isinstance(local, str) and fits(local))
    _spoken.set(tuple(sorted(usable)))


def has_adopted() -> bool:
    """Whether local words, or that there are none, have been settled already."""
    return _spoken.get() is not None


@contextmanager
def by_itself() -> Iterator[None]:
    """Within it nothing is settled yet, and what is adopted ends with it."""
    token = _spoken.set(None)
    try:
        yield
    finally:
        _spoken.reset(token)


@contextmanager
def local_words(stated: object) -> Iterator[None]:
    """Within it, sentences have the local words of a table `[terms]`."""
    with by_itself():
        adopt(stated)
        yield


def localise(sentence: str, language: Language) -> str:
    """Return a raw sentence of the catalogue in the local words that are spoken here."""
    terms = _spoken.get()
    return _replace(sentence, language, terms) if terms else sentence


@cache
def _replace(sentence: str, language: Language, terms: Terms) -> str:
    local = {word: stands for word, stands in terms if word in WORDS[language]}
    if not local:
        return sentence
    return _chinese(sentence, local) if language == "zh" else _english(sentence, local)


def _chinese(sentence: str, local: Mapping[str, str]) -> str:
    groups = [f"(?P<w{at}>{_CHINESE.get(word, word)})" for at, word in enumerate(local)]
    stands = list(local.values())

    def put(found: re.Match[str]) -> str:
        return stands[int(found.lastgroup[1:])] if found.lastgroup else found[0]

    return re.sub("|".join((r"\{[^{}]*\}", *groups)), put, sentence)


def _english(sentence: str, local: Mapping[str, str]) -> str:
    words = "|".join(word.removesuffix("s") + ("s" if word.endswith("s") else "(?:s\\b)?") for word in local)
    shape = rf"\{{[^{{}}]*\}}|(?:\b(?P<article>[Aa]n?)(?P<gap> ))?{_QUOTED_BEFORE}\b(?P<word>{words})\b{_QUOTED_BEHIND}"

    def put(found: re.Match[str]) -> str:
        if found["word"] is None:
            return found[0]
        word = found["word"].lower()
        stands = local[word] if word in local else _plural(local[word.removesuffix("s")])
        if found["word"][0].isupper():
            stands = stands[0].upper() + stands[1:]
        return _article(found["article"], stands) + (found["gap"] or "") + stands

    return re.sub(shape, put, sentence, flags=re.IGNORECASE)


def _plural(noun: str) -> str:
    if re.search(r"[^aeiou]y$", noun, re.IGNORECASE):
        return f"{noun[:-1]}ies"
    return f"{noun}es" if re.search(r"(?:s|x|z|ch|sh)$", noun, re.IGNORECASE) else f"{noun}s"


def _article(written: str | None, noun: str) -> str:
    """The article that was before a word, as it is before another."""
    if not written:
        return ""
    vowel = re.match(r"(?!(?:uni|use|eu|one))[aeiou]|hour|honou?r", noun, re.IGNORECASE)
    return written[0] + ("n" if vowel else "")
