"""Veil disguises people in danger in films, and proves that it did; and keeps their cases sealed."""

import os

# Recent wheels of ONNX Runtime report their use over the network, and leave a file with an id in the folder for temporary
# files, unless this stands in the environment before it is loaded.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

__version__ = "0.5.0"
