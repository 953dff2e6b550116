"""model_deploy as a library: stages from a canonical Top module to a bmodel, each compared with the one before it.

The names are loaded when they are first used, so that reading the modes does not load the compiler.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .flow import DeployReport, Stage, deploy
    from .options import DeployOptions

__all__ = ["DeployOptions", "DeployReport", "Stage", "deploy"]

_HOMES = {"DeployOptions": "options", "DeployReport": "flow", "Stage": "flow", "deploy": "flow"}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
    return getattr(import_module(f".{_HOMES[name]}", __name__), name)
