"""Settings: from the environment (ABOUTIR_...), and secrets from files, as orchestrators hand them over."""

from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

_SECRETS = Path("/run/secrets")


class Settings(BaseSettings):
    """Settings of a process. A secret may be a file in /run/secrets named like its variable."""

    model_config = SettingsConfigDict(
        env_prefix="ABOUTIR_",
        secrets_dir=_SECRETS if _SECRETS.is_dir() else None,
        extra="ignore",
    )

    database_url: str = ""
    """SQLAlchemy's form, without password: postgresql+psycopg://aboutir@postgres/aboutir."""
    database_password: SecretStr | None = None
    database_statement_seconds: float = Field(default=20, gt=0)
    """Time that PostgreSQL gives one statement."""
    database_lock_seconds: float = Field(default=10, gt=0)
    """Time that a statement waits for what another has locked."""
    database_idle_seconds: float = Field(default=60, gt=0)
    """Time that a transaction may stand still: then PostgreSQL rolls it back, and what it had locked is free."""
    database_silence_seconds: float = Field(default=25, gt=0)
    """Time for which one side of a connection may be unreachable before the other gives it up."""
    denials_an_hour: int = Field(default=10, ge=1)
    """Refusals for lack of right of one account within an hour that alert auditors and supervisors."""
    local_commands_an_hour: int = Field(default=5_000, ge=1)
    """Commands that one account may ask at the machine itself within an hour. An import is not counted."""
    local_openings_an_hour: int = Field(default=1_000, ge=1)
    """Cases that one account may open there within an hour. An import is not counted."""
    system_commands_an_hour: int = Field(default=100_000, ge=1)
    """Commands that each process of ours may ask by itself within an hour, beyond what workflows do."""
    vault_url: str = ""
    """The database of the keys, in the same form. Empty: beside the book, under its name with "keys" after it."""
    master_key: SecretStr | None = None
    """Master keys, which wrap the keys of the cases: lines of 64 hexadecimal digits, the last one in use."""
    master_key_file: Path | None = None
    """The same in a file that only its owner may read. It comes before `master_key`."""
    owner_url: str = ""
    """The same database for the role that owns its tables and migrates them; if empty, there is one role for both."""
    owner_password: SecretStr | None = None
    temporal_address: str = "127.0.0.1:7233"
    temporal_namespace: str = "default"
    temporal_tls: bool = False
    temporal_api_key: SecretStr | None = None
    task_queue: str = "aboutir"
    http_host: str = "127.0.0.1"
    http_port: int = 8080
    """Port of the worker's /livez, /readyz and /metrics."""
    desk_socket: Path = Path("/run/aboutir/desk.sock")
    """The Unix socket at which the desk's process answers: its folder is for the desk and its clients alone."""
    starting_seconds: float = 120
    """Time that the engine and the database have to appear before the worker gives up (and is started again)."""
    log_level: str = "INFO"
    retention_days: int = 3650
    """Time for which the engine keeps the history of a run that has ended: years, because a case lasts years."""
    draft_days: int = Field(default=30, ge=1, le=365)
    """Time for which a form that was begun and not sent is kept after it was last typed into."""
    mail_host: str = ""
    """The mail server. Without one, mail goes to `mail_outbox` or, without that either, waits."""
    mail_port: int = 587
    mail_security: Literal["starttls", "tls", "none"] = "starttls"
    """Protection of the way to the mail server: nothing is ever sent over a lesser one."""
    mail_ca: Path | None = None
    """The certificate authority of the mail server, if it is not a public one."""
    mail_user: str = ""
    mail_password: SecretStr | None = None
    mail_from: str = "aboutir@localhost"
    mail_seconds: float = Field(default=30, gt=0, le=60)
    """Time that the mail server has for one mail, in all."""
    mail_days: float = Field(default=3, gt=0)
    """Time for which a mail is tried before it is given up."""
    mail_outbox: Path | None = None
    """A folder to write mails into instead of sending them."""
    public_url: str = ""
    """Address at which people reach the pages, as https://aboutir.example.org: the links in mails begin with it."""
    sign_in_links: bool = False
    """True in the embedded stack alone, in which everybody is fictitious: links sign in there, once each."""
    passkey_domain: str = ""
    """The name that passkeys are bound to. Empty: the host of `public_url`. Under another name none of them is good."""
    session_idle_minutes: float = Field(default=30, gt=0)
    """Time after which a session that is not used ends."""
    session_hours: float = Field(default=12, gt=0)
    """Time after which every session ends."""
    invitation_hours: float = Field(default=72, gt=0)
    """Time for which an invitation can be used."""
    argon2_mb: int = Field(default=64, ge=19)
    """Memory that the hash of a password takes. No less than OWASP's least."""
    argon2_rounds: int = Field(default=3, ge=2)
    letterheads: dict[str, str] = Field(default_factory=dict)
    """Name and address under which organisations write, by short name: {"maison": "Maison...\\n1 rue..."}."""
    data: Annotated[Path, BeforeValidator(lambda text: text or "data")] = Path("data")
    """The folder of the embedded stack; in production, of the histories.

    Empty is as good as not set: it never stands for the folder in which somebody happens to be.
    """
    files: str = ""
    """The store of evidence files: the path of a folder, or s3://bucket/prefix. Empty: in the folder of the stack."""
    file_mb: int = 500
    """Largest evidence file that is taken."""
    s3_endpoint: str = ""
    """A server other than the one of the region: https://s3.example.org."""
    s3_region: str = "us-east-1"
    s3_key_id: str = ""
    s3_secret: SecretStr | None = None
    clamd: str = ""
    """The malware scanner: host:port, or the path of its UNIX socket. Empty: files are shown as not scanned."""
    clamd_mb: int = 100
    """Largest file that it scans: no more than its own StreamMaxLength, MaxFileSize and MaxScanSize."""
    seal_origin: str = "aboutir"
    """Name of the sealed log in its checkpoints and signatures, which no other installation has."""
    seal_key: SecretStr | None = None
    """The Ed25519 seed that signs, as 64 hexadecimal digits. Without it, the file seal.key in the data folder."""
    witness_folder: Path | None = None
    """A folder that keeps every checkpoint: best one that whoever runs the database cannot write to."""
    witness_mail: str = ""
    """Addresses, with commas between them, that the latest checkpoint is mailed to."""
    witness_mail_hours: float = Field(default=24, gt=0)
    """Time between two such mails, at least. None is sent while nothing new was sealed."""
    tsa_url: str = ""
    """A time-stamp authority (RFC 3161); none if empty."""
    tsa_certificates: Path | None = None
    """The authority's certificates, in PEM: its root, and those between."""

    @property
    def origin(self) -> str:
        """Origin of the pages, as browsers name it: https://aboutir.example.org. Empty if no address is set."""
        parts = urlsplit(self.public_url)
        return f"{parts.scheme}://{parts.netloc}" if parts.scheme and parts.netloc else ""

    @property
    def rp_id(self) -> str:
        """The name that passkeys are bound to (WebAuthn's relying party)."""
        return self.passkey_domain or urlsplit(self.public_url).hostname or ""

    @property
    def seal_key_file(self) -> Path:
        """File of the key to sign with, if it is no secret of an orchestrator."""
        return self.data / "seal.key"

    @property
    def histories(self) -> Path:
        """Folder in which the engine's histories are put away."""
        return self.data / "histories"


def revealed(secret: SecretStr | None) -> str | None:
    """Takes a secret out of its wrapping, which keeps it from being printed by oversight."""
    return secret.get_secret_value() if secret else None
