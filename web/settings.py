"""Settings of the pages: from the environment (ABOUTIR_...). None of them is a secret."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class PageSettings(BaseSettings):
    """Settings of the process that draws pages."""

    model_config = SettingsConfigDict(env_prefix="ABOUTIR_", extra="ignore")

    desk_socket: Path = Path("/run/aboutir/desk.sock")
    """The Unix socket at which the desk's process answers."""
    web_host: str = "127.0.0.1"
    web_port: int = Field(default=8000, ge=0, le=65535)
    """The port of the pages; 0 for any free one."""
    public_url: str = ""
    """Address at which people reach the pages, as https://aboutir.example.org. Empty: the pages' own, on localhost."""
    forwarded_by: str = "127.0.0.1"
    """Addresses of the reverse proxy, with commas between them: only it may say from where somebody asks."""
    accessibility_contact: str = ""
    """Address of mail to which somebody writes when a page stands in their way. Empty: no address is told."""
    log_level: str = "INFO"

    @property
    def is_secure(self) -> bool:
        """True if people reach the pages over TLS, so that cookies can be held to it."""
        return self.public_url.startswith("https://")
