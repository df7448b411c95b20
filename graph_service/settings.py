"""Settings: where the data lies and where the service listens; from the environment or a call.

Every setting is read from `GRIDSTRATA_<NAME>`; the command line overrides it.
"""

from __future__ import annotations

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """All there is to set.

    Attributes:
        data: The data folder; made when it is not there.
        host: The address to listen on. Any other than loopback needs a token.
        port: The port to listen on; 0 takes a free one.
        max_upload_bytes: The largest upload that is taken, in bytes.
        mapping: A file that says what line protocol means, see docs/reference/line-protocol.md.
    """

    model_config = SettingsConfigDict(env_prefix="GRIDSTRATA_", extra="ignore")

    data: Path = Path("gridstrata-data")
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65_535)
    max_upload_bytes: int = Field(default=1_000_000_000, gt=0)
    mapping: Path | None = None
