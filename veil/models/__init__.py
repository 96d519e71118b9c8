"""Weights on disk, pinned by SHA-256, each with a role and a card; nothing is ever downloaded."""

from veil.models.nets import Net, onnx_net, tflite_net
from veil.models.weights import WEIGHTS, Role, Weight, weight_path

__all__ = ["WEIGHTS", "Net", "Role", "Weight", "onnx_net", "tflite_net", "weight_path"]
