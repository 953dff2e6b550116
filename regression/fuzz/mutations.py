"""Random changes of files: bytes, the words of texts, the fields of protobuf messages, the arrays of archives."""

from __future__ import annotations

import io
import random
import re
import zipfile
from collections.abc import Callable, Sequence
from typing import Any

Mutate = Callable[[bytes], bytes]

NUMBERS = [0, 1, -1, 2, 3, 4, 7, 8, 16, 100, 127, 128, 255, 256, 65535, 2**16, 2**20, 2**31 - 1, 2**31, 2**32, 2**62]
REALS = [0.0, -0.0, 1.0, -1.0, 0.5, 1e-45, 1e38, -1e38, float("inf"), float("nan")]
LONGEST = 1 << 16
_WORD = re.compile(rb"[A-Za-z_][A-Za-z_0-9.]*|-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?|\"[^\"\n]*\"|\s+|.", re.DOTALL)


def bytes_changed(chance: random.Random, data: bytes, pool: Sequence[bytes]) -> bytes:
    """A few bytes set, removed, repeated, or taken from another file."""
    out = bytearray(data)
    for _ in range(chance.choice([1, 1, 2, 4, 8])):
        at = chance.randrange(len(out) + 1)
        length = min(chance.choice([1, 1, 2, 4, 8, 32]), len(out) - at)
        what = chance.randrange(6)
        if what == 0:
            del out[at : at + length]
        elif what == 1 and at < len(out):
            out[at] ^= 1 << chance.randrange(8)
        elif what == 2:
            number = chance.choice(NUMBERS) & (1 << 64) - 1
            size = chance.choice([1, 2, 4, 8])
            out[at : at + size] = (number & (1 << 8 * size) - 1).to_bytes(size, "little")
        elif what == 3:
            out[at:at] = out[at : at + length] * chance.choice([1, 2, 16])
        elif what == 4:
            other = chance.choice(pool)
            begin = chance.randrange(len(other) + 1)
            out[at:at] = other[begin : begin + chance.choice([4, 16, 64, 256])]
        else:
            out[at : at + length] = bytes(chance.randrange(256) for _ in range(length))
    return bytes(out[:LONGEST])


def text_changed(chance: random.Random, data: bytes, pool: Sequence[bytes]) -> bytes:
    """A few words removed, repeated, exchanged, or replaced by numbers and words of this and other files."""
    words = _WORD.findall(data)
    others = _WORD.findall(chance.choice(pool))
    for _ in range(chance.choice([1, 1, 2, 3, 6])):
        if not words:
            break
        at = chance.randrange(len(words))
        what = chance.randrange(7)
        if what == 0:
            del words[at : at + chance.choice([1, 1, 2, 8])]
        elif what == 1:
            words[at:at] = words[at : at + chance.choice([1, 4, 16, 64])]
        elif what == 2:
            numbers = [index for index, word in enumerate(words) if word[-1:].isdigit()] or [at]
            sign = chance.choice([1, 1, -1])
            words[chance.choice(numbers)] = str(
                chance.choice([sign * chance.choice(NUMBERS), chance.choice(REALS)])
            ).encode()
        elif what == 3 and others:
            begin = chance.randrange(len(others))
            words[at:at] = others[begin : begin + chance.choice([1, 2, 8, 32])]
        elif what == 4:
            words[at] = chance.choice(words)
        elif what == 5:
            other = chance.randrange(len(words))
            words[at], words[other] = words[other], words[at]
        else:
            names = [index for index, word in enumerate(words) if word[:1].isalpha()] or [at]
            known = [word for word in (*words, *others) if word[:1].isalpha()] or [b"x"]
            words[chance.choice(names)] = chance.choice(known)
    return b"".join(words)[:LONGEST]


_TYPE = re.compile(rb"tensor<[^<>]*>")
_VALUE = re.compile(rb"(?<![%#\w:])(\w+) = (\[[^\[\]{}]*\]|\"[^\"]*\"|-?[\w.+-]+(?: : \w+)?)(, )?")
_OP = re.compile(rb"\"(?:top|tpu|func)\.\w+\"")
_ELEMENTS = [b"f32", b"f16", b"bf16", b"si8", b"ui8", b"si32", b"i64", b"i1", b"*xf32", b"index"]


def mlir_changed(chance: random.Random, data: bytes, pool: Sequence[bytes]) -> bytes:
    """Types, attributes and op names changed so that most of the result still parses; now and then any words."""
    if chance.random() < 0.15:
        return text_changed(chance, data, pool)
    for _ in range(chance.choice([1, 1, 2, 3])):
        what = chance.randrange(4)
        if what == 0:
            data = _replaced(chance, data, _TYPE, lambda text: _type_changed(chance, text), everywhere=True)
        elif what == 3:
            names = _OP.findall(chance.choice(pool)) or [b'"top.Relu"']
            data = _replaced(chance, data, _OP, lambda text, names=names: chance.choice(names))
        else:
            data = _replaced(chance, data, _VALUE, lambda text: _attribute_changed(chance, text))
    return data[:LONGEST]


def _replaced(
    chance: random.Random,
    data: bytes,
    what: re.Pattern[bytes],
    change: Callable[[bytes], bytes],
    everywhere: bool = False,
) -> bytes:
    """One match replaced by what ``change`` makes of it; ``everywhere``: mostly all that are equal to it."""
    found = list(what.finditer(data))
    if not found:
        return data
    match = chance.choice(found)
    new = change(match[0])
    if everywhere and chance.random() < 0.7:
        return data.replace(match[0], new)
    return data[: match.start()] + new + data[match.end() :]


def _type_changed(chance: random.Random, text: bytes) -> bytes:
    parts = text[7:-1].split(b"x")
    at = chance.randrange(len(parts))
    number = chance.choice([0, 1, 1, 2, 3, 5, 7, 64, 2**31, 2**62])
    what = chance.randrange(5)
    if what == 0:
        parts[-1] = chance.choice(_ELEMENTS)
    elif what == 1:
        parts.insert(chance.randrange(len(parts)), str(number).encode())
    elif what == 2 and len(parts) > 1:
        del parts[chance.randrange(len(parts) - 1)]
    elif what == 3 and len(parts) > 1:
        parts[at % (len(parts) - 1)] = b"?"
    elif len(parts) > 1:
        parts[at % (len(parts) - 1)] = str(number).encode()
    return b"tensor<" + b"x".join(parts) + b">"


def _attribute_changed(chance: random.Random, text: bytes) -> bytes:
    """A value of the same kind, or the attribute left out."""
    name, _, value = text.partition(b" = ")
    end = b", " if value.endswith(b", ") else b""
    value = value.removesuffix(b", ")
    if chance.random() < 0.15:
        return b""
    number = chance.choice([1, 1, -1]) * chance.choice(NUMBERS)
    if value.startswith(b"["):
        items = [item for item in value[1:-1].split(b", ") if item]
        fresh = b"true" if b"true" in value or b"false" in value else str(number).encode()
        fresh = str(chance.choice(REALS[:7])).encode() if b"." in value else fresh
        what = chance.randrange(3)
        if what == 0 and items:
            del items[chance.randrange(len(items))]
        elif what == 1 or not items:
            items.insert(chance.randrange(len(items) + 1), fresh)
        else:
            items[chance.randrange(len(items))] = fresh
        return name + b" = [" + b", ".join(items) + b"]" + end
    if value in (b"true", b"false"):
        return name + b" = " + chance.choice([b"true", b"false"]) + end
    if value.startswith(b'"'):
        return name + b" = " + chance.choice([b'""', b'"x"', b'"nearest"', b'"NOTSET"', b'"Less"', b'"cubic"']) + end
    kind = b" : " + value.partition(b" : ")[2] if b" : " in value else b""
    if b"f64" in kind or b"f32" in kind or b"." in value:
        return (
            name + b" = " + chance.choice([b"0.0", b"-1.0", b"1.0e+38", b"0x7FF8000000000000", b"1.0e-40"]) + kind + end
        )
    return name + b" = " + str(number).encode() + kind + end


def _fields(message: Any, depth: int = 0) -> list[tuple[Any, Any]]:
    """All set fields below a message, with their owners."""
    found = []
    for field, value in message.ListFields():
        found.append((message, field))
        if field.type == field.TYPE_MESSAGE and depth < 12:
            for item in [value] if hasattr(value, "ListFields") else value:
                found += _fields(item, depth + 1)
    return found


def _scalar(chance: random.Random, field: Any, words: Sequence[str]) -> Any:
    if field.type in (field.TYPE_FLOAT, field.TYPE_DOUBLE):
        return chance.choice(REALS)
    if field.type == field.TYPE_BOOL:
        return chance.random() < 0.5
    if field.type == field.TYPE_STRING:
        return chance.choice([*words, "", "x", "nowhere"])
    if field.type == field.TYPE_BYTES:
        return chance.choice([b"", b"\xff", b"SAME_UPPER", bytes(16)])
    if field.type == field.TYPE_ENUM:
        return chance.choice([value.number for value in field.enum_type.values])
    number = chance.choice(NUMBERS) * chance.choice([1, 1, -1])
    bits = 32 if field.type in (field.TYPE_INT32, field.TYPE_UINT32) else 64
    if field.type in (field.TYPE_UINT32, field.TYPE_UINT64):
        return number & (1 << bits) - 1
    return max(-(1 << bits - 1), min(number, (1 << bits - 1) - 1))


def message_changed(chance: random.Random, message: Any) -> None:
    """A few fields cleared, changed, repeated or copied from another place of the message."""
    for _ in range(chance.choice([1, 1, 2, 3])):
        fields = _fields(message)
        if not fields:
            return
        owner, field = chance.choice(fields)
        words = [
            getattr(o, f.name)
            for o, f in fields
            if f.type == f.TYPE_STRING and not hasattr(getattr(o, f.name), "append")
        ]
        value = getattr(owner, field.name)
        if hasattr(value, "append") or hasattr(value, "add"):  # repeated
            _list_changed(chance, value, field, words)
        elif field.type == field.TYPE_MESSAGE:
            same = [getattr(o, f.name) for o, f in fields if f == field]
            if chance.random() < 0.4:
                owner.ClearField(field.name)
            else:
                copy = type(value)()
                copy.CopyFrom(chance.choice(same))
                getattr(owner, field.name).CopyFrom(copy)
        elif chance.random() < 0.2:
            owner.ClearField(field.name)
        else:
            setattr(owner, field.name, _scalar(chance, field, words))


def _list_changed(chance: random.Random, values: Any, field: Any, words: Sequence[str]) -> None:
    what = chance.randrange(4)
    if what == 0 and len(values):
        del values[chance.randrange(len(values))]
    elif field.type == field.TYPE_MESSAGE:
        if len(values):
            copy = type(values[0])()
            copy.CopyFrom(values[chance.randrange(len(values))])
            if what == 1:
                values.add().CopyFrom(copy)
            else:
                values[chance.randrange(len(values))].CopyFrom(copy)
    elif what == 1 or not len(values):
        values.append(_scalar(chance, field, words))
    else:
        values[chance.randrange(len(values))] = _scalar(chance, field, words)


def _parsed(kind: str) -> Any:
    if kind == "onnx":
        import onnx

        return onnx.ModelProto()
    from tpu_mlir.frontend.caffe.schema import BINARY_CLASSES

    return BINARY_CLASSES["Net"]()


def proto_changed(chance: random.Random, data: bytes, pool: Sequence[bytes], kind: str) -> bytes:
    """The fields of a message, or its bytes now and then and where it is none."""
    message = _parsed(kind)
    try:
        message.ParseFromString(data)
        if chance.random() < 0.2:
            raise ValueError
        message_changed(chance, message)
        return bytes(message.SerializeToString())[:LONGEST]
    except Exception:  # damaged before
        return bytes_changed(chance, data, pool)


def npz_changed(chance: random.Random, data: bytes, pool: Sequence[bytes]) -> bytes:
    """The arrays inside of an archive with its checksums made right again, or the bytes of the archive."""
    if chance.random() < 0.5:
        return bytes_changed(chance, data, pool)
    stream = io.BytesIO()
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(stream, "w") as out:
            for item in source.infolist():
                if item.file_size > LONGEST:
                    raise ValueError
                content = source.read(item)
                if chance.random() < 0.3:
                    content = chance.choice([bytes_changed, text_changed])(chance, content, [content])
                kind = chance.choice([zipfile.ZIP_STORED, zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
                out.writestr(item.filename, content, kind)
        return stream.getvalue()[:LONGEST]
    except Exception:  # damaged before
        return bytes_changed(chance, data, pool)


def mutate(structure: str, chance: random.Random, data: bytes, pool: Sequence[bytes]) -> bytes:
    """A changed file of the structure ("bytes", "text", "mlir", "onnx", "caffemodel", "npz")."""
    if structure == "text":
        return text_changed(chance, data, pool) if chance.random() < 0.9 else bytes_changed(chance, data, pool)
    if structure == "mlir":
        return mlir_changed(chance, data, pool)
    if structure in ("onnx", "caffemodel"):
        return proto_changed(chance, data, pool, structure)
    if structure == "npz":
        return npz_changed(chance, data, pool)
    return bytes_changed(chance, data, pool)
