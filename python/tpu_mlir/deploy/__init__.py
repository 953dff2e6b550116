"""model_deploy as a library: a canonical Top module becomes a bmodel, and every stage is compared with the last."""

from .flow import DeployReport, Stage, deploy
from .modes import CHIPS, CORRECTNESS, MODES, TOLERANCES
from .options import DeployOptions

__all__ = ["CHIPS", "CORRECTNESS", "MODES", "TOLERANCES", "DeployOptions", "DeployReport", "Stage", "deploy"]
