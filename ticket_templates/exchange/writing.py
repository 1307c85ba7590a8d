"""YAML out: readable, in a stable order, and read back to the same data."""

from typing import Any, Final

import yaml

#: Short records that read best on one line.
_WIDEST_LINE: Final = 130
#: Parts of an option or an item of the checklist, one of which takes a line.
_ONE_LINE: Final = frozenset({"key", "labels", "color", "retired", "required"})


class _Dumper(yaml.SafeDumper):
    """Indents lists under their key and writes records of plain values on one line."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002 - base's signature
        super().increase_indent(flow, indentless=False)

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - base's signature
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text and not any(line != line.rstrip() for line in text.split("\n")) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


def _mapping(dumper: yaml.SafeDumper, mapping: dict[str, Any]) -> yaml.MappingNode:
    return dumper.represent_mapping("tag:yaml.org,2002:map", mapping.items(), flow_style=_is_short(mapping))


def _list(dumper: yaml.SafeDumper, items: list[Any]) -> yaml.SequenceNode:
    return dumper.represent_sequence("tag:yaml.org,2002:seq", items, flow_style=_is_short(items))


def _is_short(data: dict[str, Any] | list[Any]) -> bool:
    """Whether ``data`` is read at a glance: texts per language, a list of keys, a leaf of a condition."""
    if len(str(data)) > _WIDEST_LINE:
        return False
    parts = list(data.values()) if isinstance(data, dict) else data
    if any(isinstance(part, str) and "\n" in part for part in parts):
        return False
    nested = [part for part in parts if isinstance(part, dict | list)]
    return not nested or (isinstance(data, dict) and (data.keys() <= _ONE_LINE or "field" in data))


_Dumper.add_representer(str, _text)
_Dumper.add_representer(dict, _mapping)
_Dumper.add_representer(list, _list)


class _Block(dict[str, Any]):
    """A mapping that is never written on one line."""


_Dumper.add_representer(
    _Block,
    lambda dumper, data: dumper.represent_mapping("tag:yaml.org,2002:map", data.items(), flow_style=False),
)


def write_document(data: dict[str, Any]) -> str:
    """Return ``data`` as YAML text, its parts set apart by empty lines."""
    return "\n".join(
        yaml.dump(_Block({key: part}), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=10_000)
        for key, part in data.items()
    )
