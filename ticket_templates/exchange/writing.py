"""YAML out: readable, in a stable order, and read back to the same data."""

from typing import Any, Final

import yaml

#: Short records that read best on one line.
_WIDEST_LINE: Final = 110


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
    parts = list(data.values()) if isinstance(data, dict) else data
    if any(isinstance(part, dict | list) and not (isinstance(part, list) and _is_short(part)) for part in parts):
        return False
    return not any(isinstance(part, str) and "\n" in part for part in parts) and len(str(data)) < _WIDEST_LINE


_Dumper.add_representer(str, _text)
_Dumper.add_representer(dict, _mapping)
_Dumper.add_representer(list, _list)


def write_document(data: dict[str, Any]) -> str:
    """Return ``data`` as YAML text."""
    parts = [
        yaml.dump({key: value}, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=10_000)
        for key, value in data.items()
    ]
    return "\n".join(parts)
