"""Weights on disk, pinned by SHA-256, each with a role and a card; nothing is ever downloaded."""

from veil.models.nets import Net, onnx_net, tflite_net
from veil.models.packages import PACKAGED, Packaged, Session, give_back, onnx_session, packaged_paths
from veil.models.weights import WEIGHTS, Role, Weight, weight_path

__all__ = [
    "PACKAGED",
    "WEIGHTS",
    "Net",
    "Packaged",
    "Role",
    "Session",
    "Weight",
    "give_back",
    "onnx_net",
    "onnx_session",
    "packaged_paths",
    "tflite_net",
    "weight_path",
]
