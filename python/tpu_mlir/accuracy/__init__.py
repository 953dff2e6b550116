"""Accuracy of networks on data sets, at any stage of compilation: what ``model_eval`` does, as a library."""

from .evaluate import EvaluationOptions, Result, evaluate

__all__ = ["EvaluationOptions", "Result", "evaluate"]
