"""A screen of any width whose text a test can read."""

import io

from rich.console import Console


class Screen(Console):
    """A terminal without colours, `width` columns wide."""

    def __init__(self, width: int) -> None:
        self._written = io.StringIO()
        super().__init__(file=self._written, force_terminal=True, width=width, color_system=None)

    @property
    def text(self) -> str:
        """Everything printed so far."""
        return self._written.getvalue()
