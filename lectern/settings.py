"""Every setting of Lectern, from the environment (prefix `LECTERN_`); the defaults are one machine.

Built only where a process is composed. A stage receives the values it needs, never this class.
"""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AliasChoices, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """The effective settings of this process; each field says what it is and its unit."""

    model_config = SettingsConfigDict(env_prefix="LECTERN_", frozen=True, extra="ignore")

    home: Annotated[Path, Field(description="Folder of this machine's data.")] = Path(".lectern")
    store: Annotated[
        str, Field(description="Object store: a folder, or s3://bucket/prefix. Empty: home/store.")
    ] = ""
    s3_endpoint: Annotated[str, Field(description="S3 endpoint URL. Empty: AWS.")] = ""
    s3_region: Annotated[str, Field(description="S3 region.")] = "us-east-1"
    s3_access_key: Annotated[
        str, Field(description="S3 access key. Empty: the environment's own credentials.")
    ] = ""
    s3_secret_key: Annotated[SecretStr, Field(description="S3 secret key.")] = SecretStr("")
    database_url: Annotated[
        SecretStr,
        Field(
            description="Catalog: an SQLAlchemy URL (SQLite or PostgreSQL). Empty: a file in home."
        ),
    ] = SecretStr("")
    ca_file: Annotated[
        str,
        Field(
            description="File with certificates (PEM) of authorities that are trusted beside the "
            "public ones: by PostgreSQL, S3, models, the OpenID provider, every HTTP client. "
            "Empty: the public ones alone."
        ),
    ] = ""
    broker_url: Annotated[
        str,
        Field(
            description="Where events are published; Knative's SinkBinding sets K_SINK.",
            validation_alias=AliasChoices("K_SINK", "LECTERN_BROKER_URL"),
        ),
    ] = ""
    function_url: Annotated[
        str,
        Field(description="Address of a function as seen from another; {function} is its name."),
    ] = "http://127.0.0.1:8080/{function}"
    public_url: Annotated[
        str, Field(description="Address of the API as seen by people; {function} is its name.")
    ] = "http://127.0.0.1:8080/{function}"
    web_public_url: Annotated[
        str,
        Field(
            description="Address of the web UI as people open it, for links to documents in what "
            "programs get. Empty: no links."
        ),
    ] = ""
    index_mirror_bytes: Annotated[
        int,
        Field(
            ge=0,
            description="Disk for copies of indexes, where a warm searcher keeps what it has read "
            "from S3. 0: none.",
        ),
    ] = 2 << 30
    signing_key: Annotated[
        SecretStr,
        Field(description="Key for signed upload and download links. Empty: made once in home."),
    ] = SecretStr("")
    secrets_key: Annotated[
        SecretStr,
        Field(
            description="Seals keys of models that administrators enter. Several, separated by "
            "commas, make a rotation: the first seals, all open. Empty: made once in home."
        ),
    ] = SecretStr("")
    intake_token: Annotated[
        SecretStr,
        Field(description="Shared token that object-store notifications carry. Empty: no check."),
    ] = SecretStr("")
    intake_trusts_broker: Annotated[
        bool,
        Field(
            description="Take CloudEvents without the token, which a broker cannot send. Only for "
            "an intake that nobody but the broker and the senders of webhooks can reach."
        ),
    ] = False
    web_secret: Annotated[
        SecretStr,
        Field(
            description="Seals the session cookie, and vouches to the catalog for whose request "
            "the web UI hands on. Empty: made in home, and nobody is vouched for."
        ),
    ] = SecretStr("")
    trusted_proxies: Annotated[
        str,
        Field(
            description="Networks, separated by commas, whose X-Forwarded-For is believed, beside "
            "the web UI's own word. Decides whose attempts to sign in are counted together."
        ),
    ] = "127.0.0.0/8,::1/128"
    oidc_issuer: Annotated[
        str, Field(description="OpenID provider, as in its `issuer`. Empty: passwords only.")
    ] = ""
    oidc_client_id: Annotated[str, Field(description="Client id at the OpenID provider.")] = ""
    oidc_client_secret: Annotated[
        SecretStr, Field(description="Client secret at the OpenID provider. Empty: public client.")
    ] = SecretStr("")
    oidc_label: Annotated[
        str, Field(description="What the button of the OpenID provider says.")
    ] = "Single sign-on"
    oidc_scopes: Annotated[
        str, Field(description="Scopes asked of the OpenID provider, separated by blanks.")
    ] = "openid email profile"
    oidc_groups_claim: Annotated[
        str, Field(description="Claim of the ID token that lists the user's groups.")
    ] = "groups"
    oidc_admin_group: Annotated[
        str,
        Field(
            description="Group at the provider whose members are administrators, and no others who "
            "sign in through it. Empty: Lectern decides."
        ),
    ] = ""
    oidc_allowed_domains: Annotated[
        str,
        Field(
            description="Domains, separated by commas, one of which a verified e-mail must have. "
            "Empty: everybody the provider knows."
        ),
    ] = ""
    oidc_link_verified_email: Annotated[
        bool,
        Field(
            description="Link a provider's user to the account with the same verified e-mail. Only "
            "for a provider that verifies every address itself."
        ),
    ] = False
    log_level: Annotated[
        Literal["DEBUG", "INFO", "WARNING", "ERROR"], Field(description="Log level.")
    ] = "INFO"
    otlp_endpoint: Annotated[
        str,
        Field(
            description="OpenTelemetry collector that gets traces: OTLP over HTTP, such as "
            "http://collector:4318. Empty: none.",
            validation_alias=AliasChoices("OTEL_EXPORTER_OTLP_ENDPOINT", "LECTERN_OTLP_ENDPOINT"),
        ),
    ] = ""

    embedder: Annotated[
        Literal["offline", "endpoint"],
        Field(
            description="offline: all-MiniLM-L6-v2 in process. endpoint: an OpenAI-compatible one."
        ),
    ] = "offline"
    embedding_url: Annotated[str, Field(description="Base URL of the embedding endpoint.")] = ""
    embedding_key: Annotated[SecretStr, Field(description="Key of the embedding endpoint.")] = (
        SecretStr("")
    )
    embedding_model: Annotated[str, Field(description="Model at the embedding endpoint.")] = ""
    embedding_max_tokens: Annotated[
        int, Field(ge=32, description="Input limit of the embedding endpoint's model, in tokens.")
    ] = 8191
    chat_url: Annotated[
        str, Field(description="Base URL of the chat endpoint. Empty: extractive.")
    ] = ""
    chat_key: Annotated[SecretStr, Field(description="Key of the chat endpoint.")] = SecretStr("")
    chat_model: Annotated[str, Field(description="Model at the chat endpoint.")] = ""
    chat_timeout_s: Annotated[
        float, Field(gt=0, description="Longest wait for a generated answer, in seconds.")
    ] = 120.0
    chat_context_tokens: Annotated[
        int, Field(ge=1024, description="What prompt and reply of the chat model take together.")
    ] = 8192
    chat_sees_images: Annotated[bool, Field(description="The chat model takes pictures.")] = False
    small_chat_model: Annotated[
        str,
        Field(
            description="Model at the chat endpoint for small tasks, such as rewording follow-up "
            "questions. Empty: the one that answers."
        ),
    ] = ""
    vision_chat_model: Annotated[
        str,
        Field(
            description="Model at the chat endpoint that takes pictures: describes figures and "
            "tables while documents are read, and answers when figures are found. Empty: none."
        ),
    ] = ""
    rerank_url: Annotated[
        str, Field(description="Base URL of the rerank endpoint, which /rerank follows.")
    ] = ""
    rerank_key: Annotated[SecretStr, Field(description="Key of the rerank endpoint.")] = SecretStr(
        ""
    )
    rerank_model: Annotated[str, Field(description="Model at the rerank endpoint.")] = ""
    rerank_kind: Annotated[
        Literal["cohere", "jina", "voyage", "tei"],
        Field(description="Whose requests and replies the rerank endpoint speaks."),
    ] = "cohere"
    rerank_timeout_s: Annotated[
        float, Field(gt=0, description="Longest wait for reranking, in seconds.")
    ] = 5.0
    private_model_endpoints: Annotated[
        bool,
        Field(
            description="Let administrators name models on this machine and in private networks."
        ),
    ] = True

    tool_servers: Annotated[
        SecretStr,
        Field(
            description="Servers of tools outside Lectern, as a JSON list: name, kind (mcp, web), "
            "url, web_kind (searxng, brave, tavily), key, allowed (names of tools). Empty: none."
        ),
    ] = SecretStr("")
    tool_commands: Annotated[
        bool,
        Field(
            description="Let administrators name commands that are started as MCP servers, with "
            "the rights of the function that answers."
        ),
    ] = False

    undo_s: Annotated[
        float,
        Field(ge=0, description="Seconds a deleted document can be brought back. 0: not at all."),
    ] = 30.0
    url_ingestion: Annotated[
        bool, Field(description="Let editors have documents fetched from public web addresses.")
    ] = True
    url_ingestion_allowed_networks: Annotated[
        str,
        Field(
            description="Networks, separated by commas, that documents are fetched from although "
            "they are not public, on any port: a company's wiki. Every editor reads what stands "
            "there, so name single addresses. Empty: none."
        ),
    ] = ""
    max_upload_bytes: Annotated[int, Field(gt=0, description="Largest document.")] = 1 << 30
    parse_cpu_s: Annotated[int, Field(gt=0, description="CPU seconds for parsing one part.")] = 120
    parse_wall_s: Annotated[int, Field(gt=0, description="Wall seconds for parsing one part.")] = (
        240
    )
    parse_memory_bytes: Annotated[
        int, Field(gt=0, description="Address space of the process that parses one part.")
    ] = 2 << 30
    pages_per_part: Annotated[int, Field(gt=0, description="Pages of a part of a PDF.")] = 48
    chunks_per_part: Annotated[
        int, Field(gt=0, description="Chunks of a part of a document without pages.")
    ] = 256
    chunk_tokens: Annotated[
        int,
        Field(ge=32, description="Aimed size of a chunk, in tokens; the embedder's limit caps it."),
    ] = 256

    docling_url: Annotated[
        str,
        Field(
            description="Base URL of a Docling Serve, which collections can choose to be read by. "
            "Empty: none."
        ),
    ] = ""
    docling_key: Annotated[
        SecretStr, Field(description="API key of Docling Serve. Empty: it wants none.")
    ] = SecretStr("")
    docling_timeout_s: Annotated[
        float,
        Field(
            gt=0,
            le=540,
            description="Longest wait for Docling Serve in one delivery, in seconds; the next one "
            "goes on with the same task.",
        ),
    ] = 180.0
    azure_document_url: Annotated[
        str,
        Field(
            description="Endpoint of an Azure AI Document Intelligence resource, which collections "
            "can choose to be read by. Empty: none."
        ),
    ] = ""
    azure_document_key: Annotated[
        SecretStr, Field(description="Key of the Azure AI Document Intelligence resource.")
    ] = SecretStr("")
    azure_document_timeout_s: Annotated[
        float,
        Field(
            gt=0,
            le=540,
            description="Longest wait for Azure AI Document Intelligence in one delivery, in "
            "seconds; the next one goes on with the same analysis.",
        ),
    ] = 180.0

    host: Annotated[str, Field(description="Address `lectern up` binds to.")] = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535, description="Port of `lectern up`.")] = 8080
    web: Annotated[bool, Field(description="Let `lectern up` serve the web UI too.")] = True
    web_port: Annotated[int, Field(ge=0, le=65535, description="Port of the web UI. 0: any.")] = (
        8501
    )
    allow_remote: Annotated[
        bool, Field(description="Let `lectern up` bind to an address that others can reach.")
    ] = False
    inbox: Annotated[
        str, Field(description="Folder `lectern up` watches. Empty: inbox/ in the store.")
    ] = ""
    worker_idle_s: Annotated[
        float, Field(gt=0, description="Idle seconds after which `lectern up` ends a worker.")
    ] = 60.0
    stuck_after_s: Annotated[
        float, Field(ge=0, description="Seconds without movement after which the sweeper acts.")
    ] = 900.0

    backup_keep_daily: Annotated[
        int, Field(ge=0, description="Days of which the newest backup stays.")
    ] = 7
    backup_keep_weekly: Annotated[
        int, Field(ge=0, description="Weeks of which the newest backup stays.")
    ] = 4
    copy_s3_endpoint: Annotated[
        str,
        Field(description="S3 endpoint URL of copies (`backup --to`). Empty: that of the store."),
    ] = ""
    copy_s3_region: Annotated[
        str, Field(description="S3 region of copies. Empty: that of the store.")
    ] = ""
    copy_s3_access_key: Annotated[
        str, Field(description="S3 access key of copies. Empty: that of the store.")
    ] = ""
    copy_s3_secret_key: Annotated[
        SecretStr, Field(description="S3 secret key of copies. Empty: that of the store.")
    ] = SecretStr("")

    def resolved_store(self) -> str:
        """Return the object store's address with the default filled in."""
        return self.store or str(self.home / "store")

    def resolved_database_url(self) -> str:
        """Return the catalog's URL with the default filled in; it may hold a password."""
        return self.database_url.get_secret_value() or f"sqlite:///{self.home / 'catalog.db'}"

    def of_copy(self, address: str) -> Self:
        """Return these settings with another store in the place of this one's."""
        return self.model_copy(
            update={
                "store": address,
                "s3_endpoint": self.copy_s3_endpoint or self.s3_endpoint,
                "s3_region": self.copy_s3_region or self.s3_region,
                "s3_access_key": self.copy_s3_access_key or self.s3_access_key,
                "s3_secret_key": self.copy_s3_secret_key
                if self.copy_s3_access_key
                else self.s3_secret_key,
            }
        )

    def url_of(self, function: str) -> str:
        """Return the address at which this process reaches `function`, without a final slash."""
        return self.function_url.format(function=function).rstrip("/")
