"""Settings: where the data lies and where the service listens; from the environment or a call.

Every setting is read from `GRIDSTRATA_<NAME>`; the command line overrides it.
"""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from graph_service.domain.durations import parse_resolution
from graph_service.domain.errors import BadResolution


class Settings(BaseSettings):
    """All there is to set.

    Attributes:
        data: The data folder; made when it is not there.
        host: The address to listen on. Any other than loopback needs a token.
        port: The port to listen on; 0 takes a free one.
        workers: How many processes serve; each holds the graph in memory.
        drain_seconds: How long a process goes on answering after SIGTERM before it ends.
        max_upload_bytes: The largest upload that is taken, in bytes.
        predict_every: Issue forecasts of loads so often while serving, `PT1H`; empty for never.
        mapping: A file that says what line protocol means, see docs/reference/line-protocol.md.
        graph: A Neo4j server for graph and records, `bolt://host:7687`; empty for the embedded one.
        graph_user: Who we are there.
        graph_password: The password there.
        graph_password_file: A file that holds the password.
        graph_database: The database there.
        timeline: An InfluxDB 2 server, `http://host:8086`; empty for the embedded timeline.
        timeline_org: The organisation there.
        timeline_bucket: The bucket there; it exists and keeps for ever.
        timeline_token: A token that may read and write the bucket.
        timeline_token_file: A file that holds the token.
    """

    model_config = SettingsConfigDict(env_prefix="GRIDSTRATA_", extra="ignore")

    data: Path = Path("gridstrata-data")
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65_535)
    workers: int = Field(default=1, ge=1, le=64)
    drain_seconds: float = Field(default=1.0, ge=0, le=600)
    max_upload_bytes: int = Field(default=1_000_000_000, gt=0)
    predict_every: str = ""
    mapping: Path | None = None
    graph: str = ""
    graph_user: str = "neo4j"
    graph_password: SecretStr | None = None
    graph_password_file: Path | None = None
    graph_database: str = "neo4j"
    timeline: str = ""
    timeline_org: str = "gridstrata"
    timeline_bucket: str = "gridstrata"
    timeline_token: SecretStr | None = None
    timeline_token_file: Path | None = None

    @field_validator("predict_every")
    @classmethod
    def _is_duration(cls, given: str) -> str:
        try:
            if given:
                parse_resolution(given)
        except BadResolution as error:
            raise ValueError(error.message) from error
        return given

    @property
    def predict_every_us(self) -> int:
        """Microseconds between two issues of forecasts; 0 for never."""
        return parse_resolution(self.predict_every) if self.predict_every else 0
