"""Settings: from the environment (ABOUTIR_...), and secrets from files, as orchestrators hand them over."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

_SECRETS = Path("/run/secrets")


class Settings(BaseSettings):
    """What a process needs to find the others. A secret may be a file in /run/secrets named like its variable."""

    model_config = SettingsConfigDict(
        env_prefix="ABOUTIR_",
        secrets_dir=_SECRETS if _SECRETS.is_dir() else None,
        extra="ignore",
    )

    database_url: str = ""
    """SQLAlchemy's form, without password: postgresql+psycopg://aboutir@postgres/aboutir."""
    database_password: SecretStr | None = None
    vault_url: str = ""
    """Where the keys are, in the same form. Empty: beside the database, under the same name with "keys" after it."""
    master_key: SecretStr | None = None
    """What wraps the keys: lines of 64 hexadecimal digits, the last one in use."""
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
    """Where the worker answers /livez, /readyz and /metrics."""
    starting_seconds: float = 120
    """How long the engine and the database may take to appear before the worker gives up (and is started again)."""
    log_level: str = "INFO"
    retention_days: int = 3650
    """How long the engine keeps the history of a run that has ended: years, because a case lasts years."""
    mail_host: str = ""
    """The mail server. Without one, mail goes to `mail_outbox` or, without that either, waits."""
    mail_port: int = 587
    mail_security: Literal["starttls", "tls", "none"] = "starttls"
    """How the way to the mail server is protected: nothing is ever sent over a lesser one."""
    mail_ca: Path | None = None
    """The certificate authority of the mail server, if it is not a public one."""
    mail_user: str = ""
    mail_password: SecretStr | None = None
    mail_from: str = "aboutir@localhost"
    mail_seconds: float = Field(default=30, gt=0, le=60)
    """How long the mail server may take for one mail, in all."""
    mail_days: float = Field(default=3, gt=0)
    """For how long a mail is tried before it is given up."""
    mail_outbox: Path | None = None
    """A folder to write mails into instead of sending them."""
    public_url: str = ""
    """Where people reach the pages, as https://aboutir.example.org: the links in mails begin with it."""
    data: Annotated[Path, BeforeValidator(lambda said: said or "data")] = Path("data")
    """The folder of the embedded stack; in production, where histories are kept. Empty is
    as good as not set: it never stands for the folder in which somebody happens to be."""
    files: str = ""
    """Where the evidence files are: the path of a folder, or s3://bucket/prefix. Empty: in the folder of the stack."""
    file_mb: int = 500
    """How large a file may be."""
    s3_endpoint: str = ""
    """Of a server other than the one of the region: https://s3.example.org."""
    s3_region: str = "us-east-1"
    s3_key_id: str = ""
    s3_secret: SecretStr | None = None
    clamd: str = ""
    """The malware scanner: host:port, or the path of its UNIX socket. Empty: files are not scanned, and it is said."""
    clamd_mb: int = 100
    """Up to what size it scans: no more than its own StreamMaxLength, MaxFileSize and MaxScanSize."""
    seal_origin: str = "aboutir"
    """What the sealed log is called in its checkpoints and signatures: a name that no other installation has."""
    seal_key: SecretStr | None = None
    """The Ed25519 seed that signs, as 64 hexadecimal digits. Without it, the file seal.key in the data folder."""
    witness_folder: Path | None = None
    """A folder that keeps every checkpoint: best one that whoever runs the database cannot write to."""
    witness_mail: str = ""
    """Addresses, with commas between them, that the latest checkpoint is mailed to."""
    witness_mail_hours: float = Field(default=24, gt=0)
    """How often, at most. Nothing is mailed while nothing new was sealed."""
    tsa_url: str = ""
    """A time-stamp authority (RFC 3161); none if empty."""
    tsa_certificates: Path | None = None
    """The authority's certificates, in PEM: its root, and those between."""

    @property
    def seal_key_file(self) -> Path:
        """Where the key to sign with is when it is no secret of an orchestrator."""
        return self.data / "seal.key"

    @property
    def histories(self) -> Path:
        """Where the engine's histories are put away."""
        return self.data / "histories"


def revealed(secret: SecretStr | None) -> str | None:
    """Takes a secret out of its wrapping, which keeps it from being printed by oversight."""
    return secret.get_secret_value() if secret else None
