"""A button that copies text to the clipboard."""

from web.components.registering import registered

_ICON = (
    '<button type="button"><svg class="sheets" viewBox="0 0 24 24" aria-hidden="true">'
    '<rect x="8" y="8" width="12" height="12" rx="2"/><path d="M16 8V5a1 1 0 0 0-1-1H5a1 1 0 0 0-1'
    ' 1v10a1 1 0 0 0 1 1h3"/></svg><svg class="check" viewBox="0 0 24 24" aria-hidden="true">'
    '<path d="M5 13l4 4L19 7"/></svg></button>'
)


def copy_button(text: str, *, key: str, label: str, copied: str, failed: str) -> None:
    """Show the button; the labels are also what a screen reader says."""
    registered("copy", _ICON)(
        key=key,
        data={"text": text, "label": label, "copied": copied, "failed": failed},
        width="content",
    )
