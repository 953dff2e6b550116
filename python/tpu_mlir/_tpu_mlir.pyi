# The compiled module; its surface is documented where the package re-exports it (ir, evaluation, runtime.bmodel).
from typing import Any

def __getattr__(name: str) -> Any: ...
