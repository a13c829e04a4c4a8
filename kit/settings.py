"""Settings: from the environment (ABOUTIR_...), and secrets from files, as orchestrators hand them over."""

from pathlib import Path

from pydantic import SecretStr
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
    data: Path = Path("data")
    """The folder of the embedded stack."""
