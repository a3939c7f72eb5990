"""Every setting, typed, read from the environment or a `.env` file.

The one list `SETTINGS` feeds validation, the command line and the docs (a test compares them).
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple


class Setting(NamedTuple):
    """One setting: its environment name, its default as text (None: unset) and what it is for."""

    name: str
    default: str | None
    help: str


SETTINGS: tuple[Setting, ...] = (
    Setting("PSOAS_PORT", "8000", "port of the desk, the only one patients reach"),
    Setting("PSOAS_ASSISTANT_PORT", "5005", "loopback port of the assistant (Rasa)"),
    Setting("PSOAS_ACTIONS_PORT", "5055", "loopback port of the action server"),
    Setting("PSOAS_BASE_URL", "http://localhost:8000", "the address patients use, without a trailing slash"),
    Setting(
        "PSOAS_ALLOWED_ORIGINS", None, "comma-separated web origins that may embed the widget; default: the base URL"
    ),
    Setting("PSOAS_DATA_DIR", "var", "folder for the database, models and logs"),
    Setting("PSOAS_DATABASE_URL", None, "SQLAlchemy address of the database; default: SQLite in the data directory"),
    Setting("PSOAS_ASSISTANT_URLS", None, "comma-separated assistant addresses; default: the one local assistant"),
    Setting(
        "PSOAS_SECRET_KEY", None, "signs tokens and links; default: made at first start, kept in the data directory"
    ),
    Setting("PSOAS_CLINIC", "bot/clinic/clinic.yml", "the clinic's own file"),
    Setting("PSOAS_SMTP_URL", None, "smtp://user:password@host:port or smtps://...; unset: no e-mail is sent"),
    Setting(
        "PSOAS_CALCOM_URL", None, "address of Cal.com's API, as https://api.cal.com; unset: bookings are kept here"
    ),
    Setting("PSOAS_CALCOM_TOKEN", None, "Cal.com API key"),
    Setting("PSOAS_CALCOM_EVENT_TYPES", None, "event types by service, as consultation=123,class_iv_laser@wendy=456"),
    Setting("PSOAS_ALERT_EMAIL", None, "comma-separated addresses; unset: all staff who may answer alerts"),
    Setting("PSOAS_ALERT_ESCALATION_EMAIL", None, "who hears of an alert nobody took; unset: the managers"),
    Setting("PSOAS_ALERT_ESCALATE_MINUTES", "10", "after so many minutes an alert nobody took is escalated"),
    Setting("PSOAS_ALERT_WEBHOOK", None, "address that gets a POST for each alert, without any health detail"),
    Setting("PSOAS_OIDC_ISSUER", None, "address of the clinic's own login provider for staff (OpenID Connect)"),
    Setting("PSOAS_OIDC_CLIENT_ID", None, "what the console is called there"),
    Setting("PSOAS_OIDC_CLIENT_SECRET", None, "the secret it was given there"),
    Setting("PSOAS_RATE_LIMIT", "60", "messages a minute for one conversation, or off"),
    Setting("PSOAS_MESSENGER_VERIFY_TOKEN", None, "the webhook verify token; unset: Messenger is off"),
    Setting("PSOAS_MESSENGER_APP_SECRET", None, "the Meta app's secret"),
    Setting("PSOAS_MESSENGER_PAGE_TOKEN", None, "the page access token"),
    Setting("PSOAS_MESSENGER_PAGE_ID", None, "the page's id"),
    Setting("PSOAS_MESSENGER_GRAPH_URL", "https://graph.facebook.com", "the Graph API's address"),
    Setting("PSOAS_MESSENGER_GRAPH_VERSION", "v25.0", "the pinned Graph API version"),
    Setting("PSOAS_MESSENGER_MODE", None, "full or web_first; no default: the clinic chooses"),
)


class SettingsError(ValueError):
    """A setting is wrong; the message names it and says what to write instead."""


@dataclass(frozen=True)
class MessengerSettings:
    """What the Messenger channel needs; present only when the channel is switched on."""

    verify_token: str
    app_secret: str
    page_token: str
    page_id: str
    graph_url: str
    graph_version: str
    mode: str


@dataclass(frozen=True)
class CalcomSettings:
    """How to reach Cal.com; present only when bookings are kept there too.

    `event_types` has the event type's number for "service", or "service@practitioner" where they differ.
    """

    url: str
    token: str
    event_types: Mapping[str, int]


@dataclass(frozen=True)
class AlertSettings:
    """Whom alerts reach beside the console's own pages, and when they go on to somebody else."""

    emails: tuple[str, ...] = ()
    escalation_emails: tuple[str, ...] = ()
    escalate_minutes: int = 10
    webhook: str | None = None


@dataclass(frozen=True)
class OidcSettings:
    """The clinic's own login provider for staff; present only when one is set."""

    issuer: str
    client_id: str
    client_secret: str


@dataclass(frozen=True)
class Settings:
    """All settings of one process, validated."""

    port: int
    assistant_port: int
    actions_port: int
    base_url: str
    allowed_origins: tuple[str, ...]
    data_dir: Path
    database_url: str
    assistant_urls: tuple[str, ...]
    secret_key: str
    clinic_file: Path
    smtp_url: str | None
    rate_limit: int | None
    messenger: MessengerSettings | None
    calcom: CalcomSettings | None = None
    alerts: AlertSettings = AlertSettings()
    oidc: OidcSettings | None = None

    def derived_secret(self, purpose: str) -> str:
        """A secret of its own for one purpose, so that no two uses of the key can be mixed up."""
        return hmac.new(self.secret_key.encode(), purpose.encode(), hashlib.sha256).hexdigest()

    @property
    def assistant_secret(self) -> str:
        """What the desk shows to the assistant (docs/protocol.md)."""
        return self.derived_secret("assistant")

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None) -> Settings:
        """Read the environment (over `.env` in the working directory); raises SettingsError."""
        source = dict(os.environ) if env is None else dict(env)
        if env is None:
            source = {**_dotenv(Path(".env")), **source}
        read = {setting.name: (source.get(setting.name) or setting.default) for setting in SETTINGS}
        port = _port(read, "PSOAS_PORT")
        assistant_port = _port(read, "PSOAS_ASSISTANT_PORT")
        data_dir = Path(read["PSOAS_DATA_DIR"] or "var").resolve()
        base_url = (source.get("PSOAS_BASE_URL") or f"http://localhost:{port}").rstrip("/")
        return cls(
            port=port,
            assistant_port=assistant_port,
            actions_port=_port(read, "PSOAS_ACTIONS_PORT"),
            base_url=base_url,
            allowed_origins=_list(read["PSOAS_ALLOWED_ORIGINS"]) or (base_url,),
            data_dir=data_dir,
            database_url=read["PSOAS_DATABASE_URL"] or f"sqlite:///{data_dir / 'psoas.db'}",
            assistant_urls=_list(read["PSOAS_ASSISTANT_URLS"]) or (f"http://127.0.0.1:{assistant_port}",),
            secret_key=read["PSOAS_SECRET_KEY"] or _kept_secret(data_dir / "secret.key"),
            clinic_file=Path(read["PSOAS_CLINIC"] or "bot/clinic/clinic.yml"),
            smtp_url=read["PSOAS_SMTP_URL"],
            rate_limit=_rate_limit(read["PSOAS_RATE_LIMIT"] or "60"),
            messenger=_messenger(read),
            calcom=_calcom(read),
            alerts=_alerts(read),
            oidc=_oidc(read),
        )


def _dotenv(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    pairs: dict[str, str] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        name, equals, value = line.strip().partition("=")
        if equals and not name.startswith("#"):
            pairs[name.removeprefix("export ").strip()] = value.strip().strip("\"'")
    return pairs


def _list(value: str | None) -> tuple[str, ...]:
    return tuple(part.strip().rstrip("/") for part in (value or "").split(",") if part.strip())


def _port(read: Mapping[str, str | None], name: str) -> int:
    text = read[name] or ""
    if not text.isdigit() or not 1 <= int(text) <= 65535:
        raise SettingsError(f"{name} is {text!r}: write a port number from 1 to 65535")
    return int(text)


def _rate_limit(text: str) -> int | None:
    if text == "off":
        return None
    if not text.isdigit() or int(text) == 0:
        raise SettingsError(f"PSOAS_RATE_LIMIT is {text!r}: write a number of messages a minute, or off")
    return int(text)


def _kept_secret(path: Path) -> str:
    """The signing key of this installation, made once and readable by its owner only."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii").strip()
    with os.fdopen(handle, "w", encoding="ascii") as file:
        secret = secrets.token_urlsafe(48)
        file.write(secret)
    return secret


def _alerts(read: Mapping[str, str | None]) -> AlertSettings:
    minutes, webhook = read["PSOAS_ALERT_ESCALATE_MINUTES"] or "", read["PSOAS_ALERT_WEBHOOK"]
    if not minutes.isdigit() or int(minutes) == 0:
        raise SettingsError(f"PSOAS_ALERT_ESCALATE_MINUTES is {minutes!r}: write a number of minutes")
    if webhook is not None and not webhook.startswith(("https://", "http://")):
        raise SettingsError("PSOAS_ALERT_WEBHOOK must be an address that starts with https://")
    return AlertSettings(
        _list(read["PSOAS_ALERT_EMAIL"]), _list(read["PSOAS_ALERT_ESCALATION_EMAIL"]), int(minutes), webhook
    )


def _oidc(read: Mapping[str, str | None]) -> OidcSettings | None:
    names = ("PSOAS_OIDC_ISSUER", "PSOAS_OIDC_CLIENT_ID", "PSOAS_OIDC_CLIENT_SECRET")
    values = [read[name] or "" for name in names]
    if not any(values):
        return None
    missing = [name for name, value in zip(names, values, strict=True) if not value]
    if missing:
        raise SettingsError(f"The staff's login provider is half set up: also set {', '.join(missing)}")
    return OidcSettings(*values)


def _calcom(read: Mapping[str, str | None]) -> CalcomSettings | None:
    names = ("PSOAS_CALCOM_URL", "PSOAS_CALCOM_TOKEN", "PSOAS_CALCOM_EVENT_TYPES")
    if not any(read[name] for name in names):
        return None
    missing = [name for name in names if not read[name]]
    if missing:
        raise SettingsError(f"Cal.com is half set up: also set {', '.join(missing)}, or unset the others")
    event_types: dict[str, int] = {}
    for pair in _list(read["PSOAS_CALCOM_EVENT_TYPES"]):
        service, _, number = pair.partition("=")
        if not service.strip() or not number.strip().isdigit():
            raise SettingsError(f"PSOAS_CALCOM_EVENT_TYPES has {pair!r}: write pairs such as consultation=123")
        event_types[service.strip()] = int(number)
    return CalcomSettings((read["PSOAS_CALCOM_URL"] or "").rstrip("/"), read["PSOAS_CALCOM_TOKEN"] or "", event_types)


def _messenger(read: Mapping[str, str | None]) -> MessengerSettings | None:
    prefix = "PSOAS_MESSENGER_"
    needed = ("VERIFY_TOKEN", "APP_SECRET", "PAGE_TOKEN", "PAGE_ID", "MODE")
    given = {name: read[prefix + name] for name in needed}
    if not any(given.values()):
        return None
    missing = [prefix + name for name, value in given.items() if not value]
    if missing:
        raise SettingsError(f"Messenger is half set up: also set {', '.join(missing)}, or unset the others")
    if given["MODE"] not in ("full", "web_first"):
        raise SettingsError(
            f"PSOAS_MESSENGER_MODE is {given['MODE']!r}: write full or web_first (see docs/messenger.md)"
        )
    return MessengerSettings(
        verify_token=given["VERIFY_TOKEN"] or "",
        app_secret=given["APP_SECRET"] or "",
        page_token=given["PAGE_TOKEN"] or "",
        page_id=given["PAGE_ID"] or "",
        graph_url=(read[prefix + "GRAPH_URL"] or "").rstrip("/"),
        graph_version=read[prefix + "GRAPH_VERSION"] or "",
        mode=given["MODE"] or "",
    )
