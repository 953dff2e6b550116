"""Accuracy of networks on data sets, at any stage of compilation: what ``model_eval`` does; see ``evaluate``."""
