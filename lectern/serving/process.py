"""What the process of a function does before its first event or request."""

from functools import cache

from lectern import telemetry, tracing
from lectern.trust import trust


@cache
def prepare(function: str) -> None:
    """Set log level and roots of trust and begin to export spans, as the settings say; once.

    Called in the worker, after the server forked.
    """
    from lectern.settings import Settings

    settings = Settings()
    trust(settings.ca_file, settings.home)
    telemetry.configure_logging(settings.log_level)
    if settings.otlp_endpoint:
        tracing.export_spans(settings.otlp_endpoint, f"lectern-{function}")
