"""The language of the page, where the browser and screen readers look for it."""

from web.components.registering import registered


def apply_language(language: str) -> None:
    """Say that the page is in a language.

    Args:
        language: Its code, such as "ko".
    """
    registered("language", "<span></span>")(
        data={"language": language}, key="lectern-language", height=1
    )
