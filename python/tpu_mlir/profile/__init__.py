"""Where the cycles of a compiled model go: timeline, table of ops, distance to the roofline, remedies."""

from .analysis import OpRow, Profile, Roofline, analyse
from .program import Op, Program, load_program
from .remedies import Remedy, find_remedies

__all__ = [
    "Op", "OpRow", "Profile", "Program", "Remedy", "Roofline", "analyse", "find_remedies", "load_program",
]  # fmt: skip
