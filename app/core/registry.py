"""Registries: a folder of classes, one a file, each known by a stored name for ever."""

import importlib
import pkgutil
from collections.abc import Iterator
from typing import Generic, Protocol, TypeVar


class Named(Protocol):
    """What every registered class has: the name that is stored in the database."""

    name: str


T = TypeVar("T")


class Registry(Generic[T]):
    """The classes of one extension point, by stored name, in the order of their names.

    ``base`` is the contract; ``package`` the folder whose modules register themselves when scanned.
    """

    def __init__(self, base: type[T], package: str) -> None:
        self.base = base
        self.package = package
        self._classes: dict[str, type[T]] = {}

    def register(self, cls: type[T]) -> type[T]:
        """Register ``cls`` under ``cls.name``; a second class with that name stops the start."""
        name: str = cls.name  # type: ignore[attr-defined]
        module = cls.__module__.rpartition(".")[2]
        if name != module:
            raise RuntimeError(f"{cls.__qualname__} is named {name!r} but lives in {module}.py")
        if name in self._classes and self._classes[name].__qualname__ != cls.__qualname__:
            raise RuntimeError(f"{self.package}: {name!r} is registered twice")
        self._classes[name] = cls
        return cls

    def scan(self, folder: str = "") -> None:
        """Import every module of ``folder`` (the registry's own, unless told), so that its classes register."""
        package = importlib.import_module(folder or self.package)
        for module in sorted(info.name for info in pkgutil.iter_modules(package.__path__)):
            if module != "base":
                importlib.import_module(f"{package.__name__}.{module}")

    def __getitem__(self, name: str) -> type[T]:
        return self._classes[name]

    def get(self, name: str) -> type[T] | None:
        """Return the class of that name, or None: an unknown name is shown raw and read-only."""
        return self._classes.get(name)

    def __contains__(self, name: object) -> bool:
        return name in self._classes

    def __iter__(self) -> Iterator[type[T]]:
        return iter(self._classes[name] for name in sorted(self._classes))

    def __len__(self) -> int:
        return len(self._classes)

    def names(self) -> list[str]:
        """Return the stored names, sorted."""
        return sorted(self._classes)
