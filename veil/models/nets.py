"""Runs a net: arrays in, arrays out, one thread, no network."""

from collections.abc import Callable
from typing import Any

import numpy as np
import onnxruntime
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray

from veil.models.weights import Role, weight_path

Tensor = NDArray[np.float32]
Net = Callable[[Tensor], list[Tensor]]
"""Takes one batch (1, ...) float32 and returns the outputs in the file's order. Not for use by two threads at once."""


def tflite_net(name: str, role: Role) -> Net:
    """Load a TFLite net for a room; see `weight_path` for what it raises."""
    interpreter: Any = Interpreter(str(weight_path(name, role)), num_threads=1)
    interpreter.allocate_tensors()
    (entry,) = interpreter.get_input_details()
    exits = [o["index"] for o in interpreter.get_output_details()]

    def run(batch: Tensor) -> list[Tensor]:
        interpreter.set_tensor(entry["index"], batch)
        interpreter.invoke()
        return [interpreter.get_tensor(index) for index in exits]

    return run


def onnx_net(name: str, role: Role) -> Net:
    """Load an ONNX net with one input for a room; see `weight_path` for what it raises."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    session: Any = onnxruntime.InferenceSession(
        str(weight_path(name, role)), options, providers=["CPUExecutionProvider"]
    )
    entry = session.get_inputs()[0].name

    def run(batch: Tensor) -> list[Tensor]:
        return list(session.run(None, {entry: batch}))

    return run
