"""P-values as text."""


def p_text(p: float | None) -> str:
    """A p-value, corrected or not, with three digits; empty if there is none."""
    return "" if p is None else "<0.001" if p < 0.001 else f"{p:.3f}"
