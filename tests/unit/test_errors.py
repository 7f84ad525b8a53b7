"""The exception tree is the documented one, and every error speaks both languages."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from territoires import errors
from territoires.errors import Place, TerritoiresError, Text


def tree(base: type[TerritoiresError]) -> Iterator[type[TerritoiresError]]:
    yield base
    for child in base.__subclasses__():
        if child.__module__ == errors.__name__:
            yield from tree(child)


CLASSES = tuple(tree(TerritoiresError))
DETAIL, HINT = Text("no such key", "clé inconnue"), Text("take another", "prenez-en une autre")


def test_the_tree_drawn_at_the_top_of_the_module_is_the_real_one() -> None:
    drawn = re.findall(r"^    (?P<indent>[│├└─ ]*)(?P<name>\w+Error)\b", errors.__doc__ or "", re.MULTILINE)
    depths = {name: len(indent) // 4 for indent, name in drawn}
    assert depths == {cls.__name__: len(cls.__mro__) - len(TerritoiresError.__mro__) for cls in CLASSES}
    names = [name for _, name in drawn]
    for cls in CLASSES[1:]:
        parent = cls.__bases__[0].__name__
        assert names.index(parent) < names.index(cls.__name__)
        between = names[names.index(parent) + 1 : names.index(cls.__name__)]
        assert all(depths[name] > depths[parent] for name in between)


def test_every_class_has_a_code_of_its_own() -> None:
    assert len({cls.code for cls in CLASSES}) == len(CLASSES)
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", cls.code) for cls in CLASSES)


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_every_class_has_an_http_error_status_and_a_title_in_both_languages(cls: type[TerritoiresError]) -> None:
    assert 400 <= cls.status <= 599
    assert cls.title.en
    assert cls.title.fr
    assert cls.title.en != cls.title.fr


@pytest.mark.parametrize(
    ("cls", "status"),
    [
        (errors.QuerySyntaxError, 400),  # SPARQL 1.1 Protocol §2.1.6
        (errors.QueryEvaluationError, 400),
        (errors.RequestError, 400),
        (errors.UnauthorizedError, 401),
        (errors.ForbiddenError, 403),
        (errors.QueryRefusedError, 403),  # the rest: RFC 9110 §15.5
        (errors.NotFoundError, 404),
        (errors.NotAcceptableError, 406),
        (errors.QueryTooLargeError, 413),
        (errors.QueryMemoryError, 413),
        (errors.ResultTooLargeError, 413),
        (errors.UnsupportedMediaTypeError, 415),
        (errors.InvalidDataError, 422),
        (errors.TurtleError, 422),
        (errors.TooManyFailuresError, 429),  # RFC 6585 §4
        (errors.RootError, 500),
        (errors.OverloadedError, 503),  # RFC 9110 §15.6
        (errors.QueryTimeoutError, 504),
    ],
)
def test_the_status_is_the_one_of_the_specification(cls: type[TerritoiresError], status: int) -> None:
    assert cls.status == status


@pytest.mark.parametrize(
    ("place", "written"),
    [
        (Place(), ""),
        (Place(Path("a.ttl")), "a.ttl"),
        (Place(Path("data/a.ttl"), 3), "data/a.ttl:3"),
        (Place(Path("a.ttl"), 3, 7), "a.ttl:3:7"),
        (Place(line=3, column=7), "3:7"),
    ],
)
def test_a_place_is_written_without_what_is_not_known(place: Place, written: str) -> None:
    assert str(place) == written


def test_a_text_is_read_in_a_language() -> None:
    assert (DETAIL.in_("en"), DETAIL.in_("fr")) == ("no such key", "clé inconnue")


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_an_error_says_where_what_and_what_to_do(cls: type[TerritoiresError]) -> None:
    error = cls(DETAIL, hint=HINT, place=Place(Path("a.ttl"), 3, 7))
    assert error.in_("en") == "a.ttl:3:7: no such key\n  → take another"
    assert error.in_("fr") == "a.ttl:3:7: clé inconnue\n  → prenez-en une autre"


def test_an_error_without_place_and_remedy_is_one_line() -> None:
    assert TerritoiresError(DETAIL).in_("fr") == "clé inconnue"
    assert TerritoiresError(DETAIL, place=Place()).in_("fr") == "clé inconnue"


def test_a_log_shows_the_english_message() -> None:
    assert str(TerritoiresError(DETAIL, hint=HINT)) == "no such key\n  → take another"
