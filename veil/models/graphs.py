"""Takes a part out of a net: an ONNX file is read as the protobuf that it is, and only what leads from some tensors
to others is kept.

A net that is run in parts can be asked between them: how long does each phone last, how high is the voice? Field
numbers are those of onnx.proto (ONNX 1.17).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

Field = tuple[int, int, bytes]
"""Number, wire type and payload of one field; a varint's payload is the varint itself."""

_GRAPH = 7  # of ModelProto
_NODE, _NAME, _INITIALIZER, _INPUT, _OUTPUT = 1, 2, 5, 11, 12  # of GraphProto
_NODE_INPUT, _NODE_OUTPUT = 1, 2
_TENSOR_NAME = 8
_VARINT, _WIDE, _BYTES, _NARROW = 0, 1, 2, 5
FLOAT, INT64 = 1, 7
"""TensorProto's numbers for the types of elements."""


@dataclass(frozen=True)
class Entry:
    """A tensor that goes into a part or comes out of it: its name, its type of elements, its number of axes."""

    name: str
    element: int = FLOAT
    axes: int = 1


def part_of(model: bytes, entries: Sequence[Entry], exits: Sequence[Entry]) -> bytes:
    """Return the net that computes `exits` from `entries`, with the weights it needs and no others.

    Raises ValueError when the file is no ONNX net, or when something else would have to be known.
    """
    fields = list(_fields(model))
    graphs = [payload for number, _, payload in fields if number == _GRAPH]
    if len(graphs) != 1:
        raise ValueError("not one graph")
    head = b"".join(_field(*field) for field in fields if field[0] != _GRAPH)
    return head + _field(_GRAPH, _BYTES, _graph(graphs[0], entries, exits))


def _graph(graph: bytes, entries: Sequence[Entry], exits: Sequence[Entry]) -> bytes:
    nodes: list[tuple[bytes, list[str], list[str]]] = []
    weights: dict[str, bytes] = {}
    for number, _, payload in _fields(graph):
        if number == _NODE:
            parts = list(_fields(payload))
            nodes.append((payload, _texts(parts, _NODE_INPUT), _texts(parts, _NODE_OUTPUT)))
        elif number == _INITIALIZER:
            (name,) = _texts(list(_fields(payload)), _TENSOR_NAME)
            weights[name] = payload
    kept, needed = _led_to(nodes, {e.name for e in entries}, {e.name for e in exits}, weights)
    return b"".join(
        [_field(_NODE, _BYTES, nodes[index][0]) for index in sorted(kept)]
        + [_field(_NAME, _BYTES, b"part")]
        + [_field(_INITIALIZER, _BYTES, weights[name]) for name in weights if name in needed]
        + [_field(_INPUT, _BYTES, _described(entry)) for entry in entries]
        + [_field(_OUTPUT, _BYTES, _described(leaving)) for leaving in exits]
    )


def _led_to(
    nodes: Sequence[tuple[bytes, list[str], list[str]]],
    given: set[str],
    wanted: set[str],
    weights: Mapping[str, bytes],
) -> tuple[set[int], set[str]]:
    """Return the nodes on the way from what is given to what is wanted, and every tensor that they take."""
    maker = {name: index for index, (_, _, made) in enumerate(nodes) for name in made}
    kept: set[int] = set()
    needed: set[str] = set()
    open_names = list(wanted)
    while open_names:
        name = open_names.pop()
        if name in needed or not name:
            continue
        needed.add(name)
        if name in given or name in weights:
            continue
        if name not in maker:
            raise ValueError(f"nothing makes {name}")
        if maker[name] not in kept:
            kept.add(maker[name])
            open_names.extend(nodes[maker[name]][1])
    return kept, needed


def _described(entry: Entry) -> bytes:
    """Return a ValueInfoProto with axes of any length."""
    shape = b"".join(_field(1, _BYTES, _field(2, _BYTES, f"{entry.name}_{i}".encode())) for i in range(entry.axes))
    tensor = _field(1, _VARINT, _varint(entry.element)) + _field(2, _BYTES, shape)
    return _field(1, _BYTES, entry.name.encode()) + _field(2, _BYTES, _field(1, _BYTES, tensor))


def _texts(fields: Sequence[Field], number: int) -> list[str]:
    return [payload.decode() for found, _, payload in fields if found == number]


def _fields(message: bytes) -> Iterator[Field]:
    """Yield the fields of a protobuf message; raise ValueError when it is none."""
    at = 0
    while at < len(message):
        key, at = _read_varint(message, at)
        kind = key & 7
        start = at
        if kind == _BYTES:
            length, start = _read_varint(message, at)
            at = start + length
        elif kind == _VARINT:
            _, at = _read_varint(message, at)
        elif kind in (_WIDE, _NARROW):
            at += 8 if kind == _WIDE else 4
        else:
            raise ValueError("not a protobuf message")
        if at > len(message):
            raise ValueError("the message is cut short")
        yield key >> 3, kind, message[start:at]


def _read_varint(message: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while at < len(message) and shift < 64:
        byte = message[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at
    raise ValueError("the message is cut short")


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(out + bytes([value]))


def _field(number: int, kind: int, payload: bytes) -> bytes:
    length = _varint(len(payload)) if kind == _BYTES else b""
    return _varint(number << 3 | kind) + length + payload
