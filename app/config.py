"""Typed settings from the environment; `gongdan config` lists them with source and meaning."""

import os
import re
from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from difflib import get_close_matches
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Final, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel.numbers import is_currency

from app.core.i18n import LOCALES

PREFIX = "GONGDAN_"
#: Characters of a secret that is not to be guessed (docs/security.md).
LEAST_SECRET: Final = 32
_CHOICES: Final = {
    "locale": LOCALES,
    "log_level": ("debug", "info", "warning", "error"),
    "log_format": ("auto", "json", "text"),
}
_LEAST: Final = {"web_processes": 1, "behind_proxy": 0, "upload_max_mb": 1, "export_at_once": 0}
_WHOLE: Final = re.compile("-?[0-9]{1,9}")
#: Other words people know a setting by; no likeness would lead from them to its name.
_OTHER_WORDS: Final = {
    "LANGUAGE": "LOCALE", "LANG": "LOCALE", "TZ": "TIME_ZONE", "DATABASE": "DATABASE_URL", "DB_URL": "DATABASE_URL",
}  # fmt: skip
#: The databases everything is tested on.
DATABASES = ("sqlite:///", "postgresql+psycopg://")


class ConfigError(Exception):
    """A setting that cannot be used: one line that names the variable and what it may be."""


def setting(meaning: str, default: Any, *, secret: bool = False) -> Any:
    """Declare a setting with what `gongdan config` says of it; a secret's value is never shown."""
    return field(default=default, metadata={"meaning": meaning, "secret": secret})


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one process. Each is read from ``GONGDAN_`` + its name in capitals."""

    instance: Path = setting("Folder of the data: SQLite file, keys, uploaded files", Path("instance"))
    database_url: str = setting("Database: sqlite:///file or postgresql+psycopg://user@host/name; "
                                 "empty: gongdan.db in the instance folder", "", secret=True)  # fmt: skip
    host: str = setting("Address the web server listens on", "127.0.0.1")
    port: int = setting("Port the web server listens on", 8080)
    web_processes: int = setting("Web server processes", 2)
    admin_password: str = setting("Password of the first administrator; empty: one is generated and printed once", "",
                                   secret=True)  # fmt: skip
    secret_key: str = setting("Signs sessions, at least 32 characters; empty: generated in the instance folder", "",
                               secret=True)  # fmt: skip
    data_keys: str = setting("Encrypts personal data: secrets separated by commas, the newest first and of at least 32 "
                              "characters; empty: generated in the instance folder", "", secret=True)  # fmt: skip
    trusted_hosts: str = setting("Host names this site answers to, separated by commas; empty: any host when bound to "
                                  "this machine only", "")  # fmt: skip
    secure_cookies: bool = setting("Send cookies over HTTPS only (set it behind TLS)", False)
    behind_proxy: int = setting("Number of reverse proxies in front whose X-Forwarded headers are believed", 0)
    time_zone: str = setting("Time zone of the company", "Asia/Shanghai")
    locale: str = setting("Language of new people: zh_Hans, zh_Hant or en", "zh_Hans")
    currency: str = setting("Currency of money fields that name none", "CNY")
    company_name: str = setting("Name of the company on documents", "")
    upload_max_mb: int = setting("Largest file that may be uploaded, in MiB", 20)
    #: With all fields, so many take half a second of a processor: nobody wonders whether anything happens.
    export_at_once: int = setting("Rows of a list that are exported while one waits; longer lists are made into a "
                                   "file in the background", 2000)  # fmt: skip
    metrics_token: str = setting("Token that opens /metrics (Authorization: Bearer …); empty: this machine only", "",
                                 secret=True)  # fmt: skip
    log_level: str = setting("Least level that is logged: debug, info, warning or error", "info")
    log_format: str = setting("json, text, or auto: JSON, but on a terminal only warnings, as text", "auto")

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Self:
        """Read the settings; an unusable one is a `ConfigError`."""
        source = os.environ if environment is None else environment
        known = {PREFIX + one.name.upper(): one for one in fields(cls)}
        values = {known[name].name: _parsed(name, known[name], text) for name, text in source.items() if name in known}
        settings = cls(**values)
        settings.check()
        return settings

    def check(self) -> None:
        """Refuse values that are of the right type and still make no sense."""
        if not 0 < self.port < 65536:  # noqa: PLR2004 - TCP
            raise ConfigError(f"{PREFIX}PORT must be 1 to 65535, not {self.port}")
        for name, choices in _CHOICES.items():
            if (value := getattr(self, name)) not in choices:
                raise ConfigError(f"{PREFIX}{name.upper()} must be one of {', '.join(choices)}, not {value!r}")
        self._check_secrets()
        if self.database_url and not self.database_url.startswith(DATABASES):
            raise ConfigError(f"{PREFIX}DATABASE_URL must begin with sqlite:/// or postgresql+psycopg://")
        try:
            ZoneInfo(self.time_zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ConfigError(f"{PREFIX}TIME_ZONE {self.time_zone!r} is no time zone, e.g. Asia/Shanghai") from None
        if not is_currency(self.currency):
            raise ConfigError(f"{PREFIX}CURRENCY {self.currency!r} is no currency, e.g. CNY")
        for name, least in _LEAST.items():
            if getattr(self, name) < least:
                raise ConfigError(f"{PREFIX}{name.upper()} must be at least {least}, not {getattr(self, name)}")

    def _check_secrets(self) -> None:
        if self.secret_key and len(self.secret_key) < LEAST_SECRET:
            raise ConfigError(f"{PREFIX}SECRET_KEY must have at least {LEAST_SECRET} characters")
        # Older ones may be shorter: what they encrypted has to be read until it is written anew.
        if self.data_keys and len((self.given_keys or [""])[0]) < LEAST_SECRET:
            raise ConfigError(f"{PREFIX}DATA_KEYS must begin with a secret of at least {LEAST_SECRET} characters")

    def answers_to(self) -> list[str]:
        """Return the host names the web server answers to; none: any, which is for this machine alone."""
        if hosts := [host.strip() for host in self.trusted_hosts.split(",") if host.strip()]:
            # The server's own checks come by address.
            return [*hosts, "localhost", "127.0.0.1", "[::1]"]
        example = f"e.g. {PREFIX}TRUSTED_HOSTS=service.example.com"
        if self.behind_proxy:
            # The host name then comes from a header, and what a header says goes into links.
            raise ConfigError(f"{PREFIX}TRUSTED_HOSTS must name the site's host names behind a proxy, {example}")
        if not is_loopback(self.host):
            raise ConfigError(
                f"{PREFIX}TRUSTED_HOSTS must name the site's host names, since {PREFIX}HOST {self.host} "
                f"is reached from elsewhere, {example}"
            )
        return []

    @property
    def given_keys(self) -> list[str]:
        """Return the secrets of personal data that were set, newest first; none: they lie in the instance folder."""
        return [one.strip() for one in self.data_keys.split(",") if one.strip()]

    @property
    def url(self) -> str:
        """Return the database URL, the SQLite file of the instance folder where none is set."""
        return self.database_url or f"sqlite:///{self.instance.absolute() / 'gongdan.db'}"

    @property
    def storage(self) -> Path:
        """Return the folder of uploaded files, outside the web root."""
        return self.instance.absolute() / "files"


def mistyped(environment: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return the names that look like a setting and are none, each with the one that was probably meant.

    Others that begin with ``GONGDAN_`` are left alone: schedulers of containers make such of a service's name.
    """
    known = [PREFIX + one.name.upper() for one in fields(Settings)]
    others = sorted(name for name in environment if name.startswith(PREFIX) and name not in known)
    words = {PREFIX + word: [PREFIX + name] for word, name in _OTHER_WORDS.items()}
    near = ((name, words.get(name) or get_close_matches(name, known, n=1, cutoff=0.85)) for name in others)
    return [(name, meant[0]) for name, meant in near if meant]


def is_loopback(host: str | None) -> bool:
    """Whether an address is this machine's own."""
    try:
        return host == "localhost" or ip_address(host or "").is_loopback
    except ValueError:
        return False


def _parsed(name: str, one: "Field[Any]", text: str) -> Any:
    kind: type[Any] = type(one.default) if one.default is not MISSING else str
    if kind is bool:
        if text.lower() not in {"1", "true", "yes", "on", "0", "false", "no", "off", ""}:
            raise ConfigError(f"{name} must be yes or no, not {text!r}")
        return text.lower() in {"1", "true", "yes", "on"}
    if kind is int:
        if not _WHOLE.fullmatch(text.strip()):
            raise ConfigError(f"{name} must be a whole number, not {text[:40]!r}")
        return int(text)
    return Path(text) if isinstance(one.default, Path) else text
