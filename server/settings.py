"""Everything that can be set from outside, in one typed place: ``AVOUS_`` variables or the options of ``avous serve``."""

from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

SQLITE, POSTGRES = "sqlite:///", "postgresql://"


class Settings(BaseSettings):
    """The settings of one server process. Each can be given as an environment variable with the prefix ``AVOUS_``."""

    model_config = SettingsConfigDict(env_prefix="AVOUS_", extra="forbid", frozen=True)

    database: str = Field("sqlite:///avous.db", description="Where the journal lives: sqlite:///FILE or postgresql://USER@HOST/NAME.")
    workers: int = Field(1, ge=1, le=64, description="Processes that share the port, each with every store; more than one need PostgreSQL.")
    host: str = Field("127.0.0.1", description="The address to listen on.")
    port: int = Field(8080, ge=0, le=65535, description="The port to listen on; 0 takes a free one.")
    public_url: str | None = Field(None, description="How phones reach this server, for example https://queue.example.org.")
    allowed_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Web origins whose pages may use the API and sockets; empty: only the origin the server is reached at."
    )
    forwarded_allow_ips: str = Field("", description="Addresses of the proxies whose X-Forwarded headers are believed; empty: none.")
    stores: Annotated[tuple[Path, ...], NoDecode] = Field((), description="Store files (TOML) to load at the start.")
    demo: bool = Field(False, description="A demonstration: accounts of the store file may carry their PIN, time may run faster.")
    demo_speed: float = Field(1.0, ge=1.0, le=120.0, description="How many times faster than the wall clock the demonstration runs.")
    demo_start: float | None = Field(None, description="The instant (seconds since the epoch) at which the demonstration's clock starts.")
    secret: SecretStr | None = Field(None, min_length=32, description="Key of the phone links; empty: made once and kept in the tables.")
    rollouts: int = Field(200, ge=1, le=5000, description="Simulated futures per wait estimate.")
    session_idle_s: float = Field(1800.0, gt=0, description="A staff session ends after this many seconds without use.")
    session_absolute_s: float = Field(43200.0, gt=0, description="A staff session ends this many seconds after sign-in, used or not.")
    open_join: bool = Field(True, description="Anybody in the store may take a ticket with a phone; false: enrolled kiosks only.")
    joins_per_minute: int = Field(120, ge=1, description="Tickets that one network address may take, or decline to take, in a minute.")
    sign_ins_per_minute: int = Field(60, ge=1, description="Sign-in attempts that one network address may make in a minute.")
    metrics_token: SecretStr | None = Field(None, min_length=16, description="Opens /metrics to other machines; empty: this one only.")
    content: Path | None = Field(None, description="A folder with a folder of Markdown items for each store, beside the starter pack.")
    feed_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Hosts whose RSS and Atom feeds the stores may follow; empty: none."
    )
    push_key: SecretStr | None = Field(None, description="VAPID private key (base64url) for web push, see `vapid --gen`; empty: no push.")
    push_contact: str = Field(
        "mailto:admin@example.org", description="Who runs this server, for push services: a mailto: or https: address."
    )
    push_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Push services besides those of the known browsers (host names)."
    )
    sms_url: SecretStr | None = Field(None, description="Apprise address for SMS with {to} in it; empty: no SMS.")
    mail_url: SecretStr | None = Field(None, description="Apprise address for e-mail with {to} in it; empty: no e-mail.")
    hook_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Hosts inside your own network that webhooks (with or without TLS) and feeds may lead to; empty: the internet only."
    )
    otel_endpoint: str | None = Field(None, description="An OpenTelemetry collector (OTLP over HTTP) for spans (extra [otel]).")
    oidc_issuer: str | None = Field(None, description="The OpenID Connect provider managers may sign in with (extra [sso]).")
    oidc_client_id: str | None = Field(None, description="What this server is called there.")
    oidc_client_secret: SecretStr | None = Field(None, description="And its secret, if it has one.")
    oidc_claim: str = Field("email", description="The claim that names a manager: the value of sso in the store's file.")
    log_level: str = Field("info", pattern="^(debug|info|warning|error)$", description="The least severe log lines to print.")

    @field_validator("allowed_origins", "stores", "push_hosts", "hook_hosts", "feed_hosts", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("allowed_origins")
    @classmethod
    def _origins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(origin_of(address) for address in value)

    @field_validator("oidc_issuer")
    @classmethod
    def _issuer(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith("https://"):
            raise ValueError("an issuer begins with https://")
        return value.rstrip("/") if value else None

    @field_validator("public_url")
    @classmethod
    def _public(cls, value: str | None) -> str | None:
        if value is not None:
            origin_of(value)
        return value.rstrip("/") if value else None

    @field_validator("database")
    @classmethod
    def _journal(cls, value: str) -> str:
        if not value.startswith((SQLITE, POSTGRES)) or value in (SQLITE, POSTGRES):
            raise ValueError(f"{value!r} is neither {SQLITE}FILE nor {POSTGRES}USER@HOST/NAME")
        return value

    @field_validator("workers")
    @classmethod
    def _one_for_a_file(cls, value: int, info: ValidationInfo) -> int:
        if value > 1 and str(info.data.get("database", "")).startswith(SQLITE):
            raise ValueError(
                f"{value} workers need a database they can share: --database {POSTGRES}…; an SQLite file belongs to one process"
            )
        return value

    @property
    def shared(self) -> bool:
        """Whether other nodes may use the same journal."""
        return self.database.startswith(POSTGRES)

    @property
    def database_file(self) -> Path:
        """The SQLite file of the journal, where it is one (it is not ``shared``)."""
        return Path(self.database.removeprefix(SQLITE))

    @property
    def trusted_hosts(self) -> frozenset[str]:
        """Where webhooks and feeds may lead besides the internet; in a demonstration, to this machine."""
        return frozenset(self.hook_hosts) | (frozenset({"127.0.0.1", "localhost"}) if self.demo else frozenset())

    @property
    def https(self) -> bool:
        """Whether people reach the server over TLS: cookies are then Secure and host-bound."""
        return bool(self.public_url and self.public_url.startswith("https://"))

    @property
    def origins(self) -> frozenset[str]:
        """The origins that were named; empty means the server's own origin, whatever it is called."""
        named = set(self.allowed_origins)
        return frozenset(named | {origin_of(self.public_url)} if named and self.public_url else named)


def origin_of(address: str) -> str:
    """``scheme://host[:port]`` of an address, lower case, without the scheme's own port; ValueError if it is none."""
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"{address!r} is not an http or https address")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    usual = parts.port is None or (parts.scheme, parts.port) in (("http", 80), ("https", 443))
    return f"{parts.scheme}://{host}" + ("" if usual else f":{parts.port}")
