"""Messages: immutable records with named fields, equal only when their classes, values and types are."""

from dataclasses import MISSING, dataclass, fields
from functools import wraps
from operator import attrgetter, is_
from typing import ClassVar, dataclass_transform

from consensus_lab.model.values import same, show, written


@dataclass_transform(frozen_default=True)
class _Record(type):
    """Makes every class a frozen dataclass with slots, which is the smallest and fastest there is."""

    def __new__(meta, name, bases, namespace, **options):
        own = namespace.get("__classcell__")  # where methods that call super() look their class up
        cls = super().__new__(meta, name, bases, namespace, **options)
        # dataclass makes the class anew, by way of this very method, to give it slots
        if "__slots__" not in namespace:
            cls = dataclass(frozen=True, slots=True, repr=False)(cls)
            if own is not None:
                own.cell_contents = cls
            cls._fields = tuple(field.name for field in fields(cls))
            cls._values_of = staticmethod(_values(cls._fields))
            if "__eq__" not in namespace:
                cls.__eq__ = _same_fields(tuple(field.name for field in fields(cls) if field.compare))
            plain = all(f.init and not f.kw_only and f.default_factory is MISSING for f in fields(cls))
            if plain and "__init__" not in namespace and not hasattr(cls, "__post_init__"):
                cls.__init__ = _by_slot(cls)
        return cls


def _values(names):
    """A function of a message: the values of its fields, as a tuple."""
    if len(names) == 1:
        return lambda message, name=names[0]: (getattr(message, name),)
    return attrgetter(*names) if names else lambda message: ()


def _same_fields(names):
    """An `__eq__` for messages: of the same class, with fields that are equal and of the same type."""
    if not names:
        return lambda self, other: self.__class__ is other.__class__ or NotImplemented
    if len(names) == 1:
        return _same_field(names[0])
    values = attrgetter(*names)

    def __eq__(self, other):
        if self is other:
            return True
        if self.__class__ is not other.__class__:
            return NotImplemented
        mine, theirs = values(self), values(other)
        return all(map(is_, mine, theirs)) or mine == theirs and all(map(same, mine, theirs))

    return __eq__


def _same_field(name):
    """An `__eq__` for messages of one field."""
    value = attrgetter(name)

    def __eq__(self, other):
        if self is other:
            return True
        if self.__class__ is not other.__class__:
            return NotImplemented
        return same(value(self), value(other))

    return __eq__


def _by_slot(cls):
    """The dataclass's own `__init__`, but it fills each slot directly, which it can do only in code made for the class.

    By name, as the dataclass does it, a message takes 1.4 (one field) to 1.7 times (three) as long to make, and a
    simulation 1.05 times (CPython 3.11, `python -m benchmarks.simulate`). A class for which this would not be the same
    keeps the dataclass's: see `plain` above.

    No field's name can begin with two underscores (Python mangles it), so these names are free.
    """
    setters = {f"__set_{name}": getattr(cls, name).__set__ for name in cls._fields}
    body = "; ".join(f"__set_{name}(__self, {name})" for name in cls._fields) or "pass"
    exec(f"def init({', '.join(('__self', *cls._fields))}): {body}", setters)
    init = wraps(cls.__init__)(setters["init"])
    init.__defaults__ = cls.__init__.__defaults__
    return init


class Message(metaclass=_Record):
    """An immutable record with named fields. Subclass it and annotate the fields.

    Every subclass is made a frozen dataclass, so ``match`` takes it apart by position and by name. Two messages
    are equal only when they are of the same class with equal fields. Give a class a ``says`` template, such as
    ``says = "I voted {value}"``, and transcripts quote it.

    >>> class Voted(Message):
    ...     value: str
    >>> Voted("red"), str(Voted("red")), Voted("red") == Voted("red")
    (Voted('red'), 'Voted red', True)
    """

    __slots__ = ()

    says = ""
    _fields: ClassVar[tuple[str, ...]] = ()

    def __repr__(self):
        return f"{type(self).__name__}({', '.join(map(written, self._values()))})"

    def __str__(self):
        return " ".join([type(self).__name__, *map(show, self._values())])

    def _values(self):
        return self._values_of(self)
