"""What the process of a function does before its first event or request."""

from functools import cache

from lectern import telemetry, tracing


@cache
def prepare(function: str) -> None:
    """Set the log level and begin to export spans, as the settings say; once per process.

    Called in the worker, after the server forked.
    """
    from lectern.settings import Settings

    settings = Settings()
    telemetry.configure_logging(settings.log_level)
    if settings.otlp_endpoint:
        tracing.export_spans(settings.otlp_endpoint, f"lectern-{function}")
