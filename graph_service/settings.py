"""Settings: where the data lies and where the service listens; from the environment or a call.

Every setting is read from `GRIDSTRATA_<NAME>`; the command line overrides it.
"""

from __future__ import annotations

from pathlib import Path

from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """All there is to set.

    Attributes:
        data: The data folder; made when it does not exist.
        host: The address to listen on. Any other than loopback needs a token.
        port: The port to listen on.
        max_upload_bytes: The largest upload that is taken.
    """

    model_config = SettingsConfigDict(env_prefix="GRIDSTRATA_", extra="ignore")

    data: Path = Path("gridstrata-data")
    host: str = "127.0.0.1"
    port: int = 8000
    max_upload_bytes: int = 1_000_000_000
