"""Makes `veil/models/weights/mtcnn_*.onnx` from the weights in the wheel of PyPI's mtcnn 1.0.0.

    pip download --no-deps mtcnn==1.0.0 && unzip mtcnn-1.0.0-py3-none-any.whl -d mtcnn && pip install joblib lz4
    python tools/convert_mtcnn.py mtcnn/mtcnn/assets/weights

The nets are written anew from their layers (Zhang et al. 2016); the numbers are as they were.
"""

import sys
from pathlib import Path

import joblib
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

WIDTHS = {"shifts": 4, "scores": 2, "marks": 10}
FOLDER = Path(__file__).parent.parent / "veil" / "models" / "weights"


class Net:
    """Layers put one after another; `at` is the last one's name."""

    def __init__(self, weights: list[np.ndarray]) -> None:
        self.weights, self.nodes, self.constants, self.at = list(weights), [], [], "pixels"

    def constant(self, values: np.ndarray) -> str:
        name = f"w{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(values, np.float32), name))
        return name

    def put(self, kind: str, *inputs: str, to: str | None = None, **attributes: object) -> str:
        name = to or f"n{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, [*inputs], [name], **attributes))
        return name

    def convolved(self, *, to: str | None = None, after: str | None = None) -> str:
        kernel, bias = self.weights.pop(0), self.weights.pop(0)
        turned = self.constant(kernel.transpose(3, 2, 0, 1))
        return self.put("Conv", after or self.at, turned, self.constant(bias), to=to)

    def bent(self) -> None:
        slope = self.weights.pop(0).reshape(-1)
        shaped = slope if self.flat else slope.reshape(-1, 1, 1)
        self.at = self.put("PRelu", self.at, self.constant(shaped))

    flat = False

    def pooled(self, side: int, *, same: bool) -> None:
        padding = "SAME_UPPER" if same else "VALID"
        self.at = self.put("MaxPool", self.at, kernel_shape=[side, side], strides=[2, 2], auto_pad=padding)

    def flattened(self) -> None:
        self.at = self.put("Transpose", self.at, perm=[0, 3, 2, 1])  # as the nets were trained: by columns
        self.at, self.flat = self.put("Flatten", self.at), True

    def joined(self, *, to: str | None = None) -> str:
        kernel, bias = self.weights.pop(0), self.weights.pop(0)
        return self.put("Gemm", self.at, self.constant(kernel), self.constant(bias), to=to)

    def save(self, name: str, outputs: list[str], side: int) -> None:
        shape, rest = (["n", 3, side, side], []) if side else (["n", 3, "h", "w"], ["rows", "columns"])
        graph = helper.make_graph(
            self.nodes, name, [helper.make_tensor_value_info("pixels", TensorProto.FLOAT, shape)],
            [helper.make_tensor_value_info(o, TensorProto.FLOAT, ["n", WIDTHS[o], *rest]) for o in outputs],
            self.constants,
        )  # fmt: skip
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
        onnx.checker.check_model(model)
        onnx.save(model, str(FOLDER / f"{name}.onnx"))


def first(weights: list[np.ndarray]) -> None:
    """Write the net that proposes: (n, 3, h, w) to shifts (n, 4, h', w') and scores (n, 2, h', w')."""
    net = Net(weights)
    net.at = net.convolved()
    net.bent()
    net.pooled(2, same=True)
    for _ in range(2):
        net.at = net.convolved()
        net.bent()
    net.convolved(to="shifts", after=net.at)
    scores = net.convolved(after=net.at)
    net.put("Softmax", scores, to="scores", axis=1)
    net.save("mtcnn_first", ["shifts", "scores"], 0)


def _joined(weights: list[np.ndarray], pools: tuple[tuple[int, bool] | None, ...]) -> Net:
    """Return a net of as many convolutions, each pooled as told or not, up to where its shifts are joined."""
    net = Net(weights)
    for pool in pools:
        net.at = net.convolved()
        net.bent()
        if pool:
            net.pooled(pool[0], same=pool[1])
    net.flattened()
    net.at = net.joined()
    net.bent()
    net.joined(to="shifts")
    return net


def second(weights: list[np.ndarray]) -> None:
    """Write the net that refuses: (n, 3, 24, 24) to shifts (n, 4) and scores (n, 2)."""
    net = _joined(weights, ((3, True), (3, False), None))
    net.put("Softmax", net.joined(), to="scores", axis=1)
    net.save("mtcnn_second", ["shifts", "scores"], 24)


def last(weights: list[np.ndarray]) -> None:
    """Write the net that judges: (n, 3, 48, 48) to shifts (n, 4), marks (n, 10) and scores (n, 2)."""
    net = _joined(weights, ((3, True), (3, False), (2, True), None))
    net.joined(to="marks")
    net.put("Softmax", net.joined(), to="scores", axis=1)
    net.save("mtcnn_last", ["shifts", "marks", "scores"], 48)


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    for write, name in ((first, "pnet"), (second, "rnet"), (last, "onet")):
        write(joblib.load(folder / f"{name}.lz4"))
