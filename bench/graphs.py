"""Turns a TensorFlow.js graph model (JSON and one file of weights) into ONNX, for the few operations that are needed.

TensorFlow keeps pictures as (N, H, W, C), ONNX as (N, C, H, W): here every tensor of rank 4 is kept the ONNX way, and
constants that meet one are turned to fit. Format: tensorflow/tfjs, `tfjs-converter/docs`.
"""

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

_PLAIN = {
    "Add": "Add", "AddV2": "Add", "Mul": "Mul", "Sub": "Sub", "Maximum": "Max", "Minimum": "Min", "Abs": "Abs",
    "Identity": "Identity", "Relu": "Relu", "Sigmoid": "Sigmoid", "Softmax": "Softmax",
}  # fmt: skip
_CONVOLUTIONS = {"Conv2D", "_FusedConv2D", "DepthwiseConv2dNative", "FusedDepthwiseConv2dNative"}


def load_weights(folder: Path, manifest: list[dict[str, Any]]) -> dict[str, NDArray[Any]]:
    """Return the weights of a manifest by name; half-precision ones as float32."""
    found: dict[str, NDArray[Any]] = {}
    for group in manifest:
        blob = b"".join((folder / path).read_bytes() for path in group["paths"])
        at = 0
        for entry in group["weights"]:
            stored = np.dtype(entry.get("quantization", {}).get("dtype", entry["dtype"]))
            count = int(np.prod(entry["shape"])) if entry["shape"] else 1
            values = np.frombuffer(blob, stored, count, at).reshape(entry["shape"])
            found[entry["name"]] = values.astype(entry["dtype"])
            at += count * stored.itemsize
    return found


class _Builder:
    """Collects ONNX nodes while it walks through the TensorFlow ones."""

    def __init__(self, weights: dict[str, NDArray[Any]]) -> None:
        self.weights = weights
        self.nodes: list[onnx.NodeProto] = []
        self.constants: dict[str, NDArray[Any]] = {}
        self.flat: set[str] = set()  # tensors of rank 2

    def constant(self, name: str, values: NDArray[Any]) -> str:
        self.constants[name] = values
        return name

    def operand(self, name: str, *, flat: bool) -> str:
        """Return the name of an input; a constant that meets a picture is brought into its order."""
        if name not in self.weights:
            return name
        values = self.weights[name]
        if not flat and values.ndim == 1 and values.size > 1:
            values = values.reshape(1, -1, 1, 1)
        elif not flat and values.ndim == 4:
            values = values.transpose(0, 3, 1, 2)
        return self.constant(f"{name}/{'flat' if flat else 'picture'}", values)

    def put(self, kind: str, inputs: list[str], output: str, **attributes: Any) -> None:
        self.nodes.append(helper.make_node(kind, inputs, [output], **attributes))

    def add(self, node: dict[str, Any]) -> None:
        """Add one TensorFlow node; raise ValueError for an operation that is not known."""
        kind, name, attributes = node["op"], node["name"], node.get("attr", {})
        inputs = [i.split(":")[0] for i in node.get("input", []) if not i.startswith("^")]
        if kind in {"Const", "Placeholder"}:
            return
        flat = any(i in self.flat for i in inputs)
        if kind in _CONVOLUTIONS:
            self._convolution(kind, name, inputs, attributes)
        elif kind in _PLAIN:
            self.put(_PLAIN[kind], [self.operand(i, flat=flat) for i in inputs], name)
        else:
            special: dict[str, Callable[[str, list[str], dict[str, Any]], bool]] = {
                "Pad": self._pad, "Mean": self._mean, "Max": self._largest, "MaxPool": self._pool,
                "Sum": self._sum, "Square": self._square, "Rsqrt": self._rsqrt,
                "Reshape": self._flatten, "Squeeze": self._flatten, "MatMul": self._matmul,
                "_FusedMatMul": self._matmul,
            }  # fmt: skip
            if kind not in special:
                raise ValueError(f"no translation for {kind}")
            flat = special[kind](name, inputs, attributes)
        if flat:
            self.flat.add(name)

    def _convolution(self, kind: str, name: str, inputs: list[str], attributes: dict[str, Any]) -> None:
        kernel = self.weights[inputs[1]]
        groups = 1
        if "epthwise" in kind:  # (H, W, C, M) becomes (C * M, 1, H, W)
            groups = kernel.shape[2]
            turned = kernel.transpose(2, 3, 0, 1).reshape(-1, 1, *kernel.shape[:2])
        else:
            turned = kernel.transpose(3, 2, 0, 1)
        padding = base64.b64decode(attributes["padding"]["s"]).decode()
        steps = [int(i) for i in attributes["strides"]["list"]["i"]]
        operands = [inputs[0], self.constant(f"{inputs[1]}/turned", np.ascontiguousarray(turned))]
        operands += [self.constant(f"{inputs[2]}/bias", self.weights[inputs[2]])] if len(inputs) > 2 else []
        after = _fused(attributes)
        self.put(
            "Conv", operands, name if not after else f"{name}/linear", group=groups, strides=steps[1:3],
            kernel_shape=list(kernel.shape[:2]), auto_pad="SAME_UPPER" if padding == "SAME" else "VALID",
        )  # fmt: skip
        if after:
            self.put(after, [f"{name}/linear"], name)

    def _matmul(self, name: str, inputs: list[str], attributes: dict[str, Any]) -> bool:
        weight, after = self.constant(f"{inputs[1]}/flat", self.weights[inputs[1]]), _fused(attributes)
        self.put("MatMul", [inputs[0], weight], f"{name}/product")
        last = f"{name}/product"
        if len(inputs) > 2:
            self.put("Add", [last, self.constant(f"{inputs[2]}/flat", self.weights[inputs[2]])], f"{name}/sum")
            last = f"{name}/sum"
        self.put(after or "Identity", [last], name)
        return True

    def _pad(self, name: str, inputs: list[str], attributes: dict[str, Any]) -> bool:
        del attributes
        before_after = self.weights[inputs[1]][[0, 3, 1, 2]].T.reshape(-1).astype(np.int64)
        self.put("Pad", [inputs[0], self.constant(f"{name}/widths", before_after)], name)
        return False

    def _mean(self, name: str, inputs: list[str], attributes: dict[str, Any]) -> bool:
        """Average over the picture (the only mean these nets take)."""
        del attributes
        self.put("ReduceMean", [inputs[0], self.constant(f"{name}/axes", np.array([2, 3]))], name, keepdims=0)
        return True

    def _largest(self, name: str, inputs: list[str], attributes: dict[str, Any]) -> bool:
        """Take the largest value of the picture."""
        del attributes
        self.put("ReduceMax", [inputs[0], self.constant(f"{name}/axes", np.array([2, 3]))], name, keepdims=0)
        return True

    def _pool(self, name: str, inputs: list[str], attributes: dict[str, Any]) -> bool:
        kernel, strides = ([int(i) for i in attributes[k]["list"]["i"]][1:3] for k in ("ksize", "strides"))
        padding = "SAME_UPPER" if base64.b64decode(attributes["padding"]["s"]) == b"SAME" else "VALID"
        self.put("MaxPool", inputs[:1], name, kernel_shape=kernel, strides=strides, auto_pad=padding)
        return False

    def _sum(self, name: str, inputs: list[str], attributes: dict[str, Any]) -> bool:
        """Sum over the features."""
        del attributes
        self.put("ReduceSum", [inputs[0], self.constant(f"{name}/axes", np.array([1]))], name, keepdims=1)
        return True

    def _square(self, name: str, inputs: list[str], attributes: dict[str, Any]) -> bool:
        del attributes
        self.put("Mul", [inputs[0], inputs[0]], name)
        return inputs[0] in self.flat

    def _rsqrt(self, name: str, inputs: list[str], attributes: dict[str, Any]) -> bool:
        del attributes
        self.put("Sqrt", inputs, f"{name}/root")
        self.put("Reciprocal", [f"{name}/root"], name)
        return inputs[0] in self.flat

    def _flatten(self, name: str, inputs: list[str], attributes: dict[str, Any]) -> bool:
        """Make a row of a picture, in TensorFlow's order."""
        del attributes
        self.put("Transpose", [inputs[0]], f"{name}/turned", perm=[0, 2, 3, 1])
        self.put("Flatten", [f"{name}/turned"], name)
        return True


def _fused(attributes: dict[str, Any]) -> str:
    """Return the ONNX name of the activation fused into a node, or nothing."""
    words = [base64.b64decode(s).decode() for s in attributes.get("fused_ops", {}).get("list", {}).get("s", [])]
    after = [w for w in words if w not in {"BiasAdd", "NoOp"}]
    if any(w not in {"Relu", "Sigmoid"} for w in after):
        raise ValueError(f"no translation for a fused {after}")
    return after[0] if after else ""


def convert(model: Path, target: Path, output: str) -> None:
    """Write a graph model, from its JSON, as ONNX with one output; its input is (N, 3, side, side) float32."""
    stored = json.loads(model.read_text())
    nodes = stored["modelTopology"]["node"]
    builder = _Builder(load_weights(model.parent, stored["weightsManifest"]))
    for node in _ordered(nodes):
        builder.add(node)
    (entry,) = [n for n in nodes if n["op"] == "Placeholder"]
    side = int(entry["attr"]["shape"]["shape"]["dim"][1]["size"])
    graph = helper.make_graph(
        builder.nodes,
        model.stem,
        [helper.make_tensor_value_info(entry["name"], onnx.TensorProto.FLOAT, ["n", 3, side, side])],
        [helper.make_tensor_value_info(output, onnx.TensorProto.FLOAT, None)],
        [numpy_helper.from_array(np.ascontiguousarray(v), k) for k, v in builder.constants.items()],
    )
    whole = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    onnx.save(whole, str(target))


def _ordered(nodes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the nodes so that each comes after its inputs."""
    by_name = {n["name"]: n for n in nodes}
    done: dict[str, dict[str, Any]] = {}

    def visit(name: str) -> None:
        if name not in done:
            for i in by_name[name].get("input", []):
                visit(i.split(":")[0].lstrip("^"))
            done[name] = by_name[name]

    for node in nodes:
        visit(node["name"])
    return list(done.values())
