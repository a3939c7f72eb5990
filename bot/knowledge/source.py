"""A content file: its data, and the line on which each part of it stands."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import yaml

Where = tuple[str | int, ...]


class ContentError(ValueError):
    """A content file is wrong; the message gives file, line and one sentence."""

    def __init__(self, file: Path, line: int, sentence: str) -> None:
        super().__init__(f"{file.name}:{line}: {sentence}")
        self.file = file
        self.line = line
        self.sentence = sentence


class _StrictLoader(yaml.CSafeLoader):
    """The C loader, refusing a key given twice (YAML would silently keep the last)."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        mapping = super().construct_mapping(node, deep=deep)
        if len(mapping) != len(node.value):
            seen: set[Any] = set()
            for key_node, _ in node.value:
                if key_node.value in seen:
                    raise yaml.MarkedYAMLError(
                        problem=f"{key_node.value} is given twice", problem_mark=key_node.start_mark
                    )
                seen.add(key_node.value)
        return mapping


class ContentFile:
    """One YAML file, read strictly.

    Lines are looked up only when something is wrong, so that reading stays fast.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self.text = path.read_text(encoding="utf-8")
        except OSError as error:
            raise ContentError(path, 1, f"the file cannot be read ({error.strerror})") from error
        try:
            self.data = yaml.load(self.text, Loader=_StrictLoader)  # noqa: S506 (a safe loader, made stricter)
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            raise ContentError(path, line, f"this is not valid YAML: {error.problem}") from error

    def line(self, where: Where) -> int:
        """The line of the key or item at this path, or of the nearest part that exists."""
        node = yaml.compose(self.text, Loader=yaml.CSafeLoader)
        line = 1
        for step in where:
            if isinstance(node, yaml.MappingNode):
                found = next(((key, value) for key, value in node.value if key.value == str(step)), None)
                if found is None:
                    break
                line, node = found[0].start_mark.line + 1, found[1]
            elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
                node = node.value[step]
                line = node.start_mark.line + 1
            else:
                break
        return line

    def error(self, where: Where, sentence: str) -> ContentError:
        """A ContentError at this path, to be raised."""
        return ContentError(self.path, self.line(where), sentence)

    def root(self) -> Entry:
        """The whole file as one entry."""
        return Entry(self, (), self.data)


class Entry:
    """One mapping in a content file, read key by key; `finish` refuses keys that nobody asked for."""

    def __init__(self, file: ContentFile, where: Where, data: Any) -> None:
        self.file = file
        self.where = where
        if not isinstance(data, dict):
            raise file.error(where, "write keys and values here")
        self.data: dict[str, Any] = data
        self._read: set[str] = set()

    def fail(self, sentence: str, *below: str | int) -> NoReturn:
        """Refuse this entry, or the part of it at `below`."""
        raise self.file.error((*self.where, *below), sentence)

    def has(self, key: str) -> bool:
        """Whether the key is there and not empty."""
        return self.data.get(key) is not None

    def raw(self, key: str) -> Any:
        """The value as YAML gives it, None when absent."""
        self._read.add(key)
        return self.data.get(key)

    def text(self, key: str, default: str | None = None) -> str:
        """A text that is not empty; without a default it must be there."""
        value = self.raw(key)
        if value is None and default is not None:
            return default
        if not isinstance(value, str) or not value.strip():
            self.fail(f"write a text for '{key}'", key)
        return value.strip()

    def text_or_none(self, key: str) -> str | None:
        """A text, or None when the key is absent."""
        return self.text(key) if self.has(key) else self.raw(key)

    def one_of(self, key: str, allowed: tuple[str, ...], default: str | None = None) -> str:
        """A text that must be one of the allowed ones."""
        value = self.text(key, default)
        if value not in allowed:
            self.fail(f"'{key}' is {value!r}: write one of {', '.join(allowed)}", key)
        return value

    def flag(self, key: str, default: bool = False) -> bool:
        """True or false."""
        value = self.raw(key)
        if value is None:
            return default
        if not isinstance(value, bool):
            self.fail(f"write true or false for '{key}'", key)
        return value

    def number(self, key: str) -> float:
        """A number that must be there."""
        value = self.raw(key)
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.fail(f"write a number for '{key}'", key)
        return value

    def number_or_none(self, key: str) -> float | None:
        """A number, or None when the key is absent."""
        return self.number(key) if self.has(key) else self.raw(key)

    def texts(self, key: str, *, required: bool = True) -> tuple[str, ...]:
        """A list of texts; when required it must hold at least one."""
        value = self.raw(key)
        if value is None and not required:
            return ()
        if not isinstance(value, list) or (required and not value):
            self.fail(f"write a list of texts for '{key}'", key)
        for index, item in enumerate(value):
            if not isinstance(item, str) or not item.strip():
                self.fail(f"item {index + 1} of '{key}' is not a text", key, index)
        return tuple(item.strip() for item in value)

    def mapping(self, key: str) -> dict[str, Any]:
        """A mapping as YAML gives it, empty when absent."""
        value = self.raw(key)
        if value is None:
            return {}
        if not isinstance(value, dict):
            self.fail(f"write keys and values for '{key}'", key)
        return value

    def entry(self, key: str) -> Entry:
        """The mapping under this key, which must be there."""
        return Entry(self.file, (*self.where, key), self.raw(key))

    def entries(self, key: str) -> Iterator[Entry]:
        """The mappings listed under this key."""
        value = self.raw(key)
        if value is None:
            return
        if not isinstance(value, list):
            self.fail(f"write a list for '{key}'", key)
        for index, item in enumerate(value):
            yield Entry(self.file, (*self.where, key, index), item)

    def named(self, key: str) -> Iterator[tuple[str, Entry]]:
        """The mappings under this key, each with its name."""
        for name, item in self.mapping(key).items():
            yield str(name), Entry(self.file, (*self.where, key, str(name)), item)

    def finish(self) -> None:
        """Refuse keys that were not read: most likely they are misspelt."""
        unknown = sorted(str(key) for key in self.data if key not in self._read)
        if unknown:
            self.fail(f"nobody reads '{unknown[0]}': take it out, or correct its spelling", unknown[0])
