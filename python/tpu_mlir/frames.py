"""Frames of bytes, as networks with fused preprocessing take them: layouts, and the way from pictures and back.

The rules are those of the pass ``fuse-preprocess``; the compiler needs none of this, it is for tests of the network.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

ROW_ALIGNMENT = 32
"""Rows of aligned frames are whole multiples of this many bytes."""

FORMATS = (
    "RGB_PLANAR",
    "RGB_PACKED",
    "BGR_PLANAR",
    "BGR_PACKED",
    "GRAYSCALE",
    "RGBA_PLANAR",
    "YUV420_PLANAR",
    "YUV_NV12",
    "YUV_NV21",
)

_TO_YUV = np.array([[0.299, 0.587, 0.114], [-0.168736, -0.331264, 0.5], [0.5, -0.418688, -0.081312]])
_LUMA, _CHROMA = 219 / 255, 224 / 255


@dataclass(frozen=True)
class FrameFormat:
    """A customization format with its alignment; pictures are H x W x C, uint8, with the colors in the order RGB(A)."""

    name: str
    aligned: bool = False

    @staticmethod
    def of(attributes: Mapping[str, Any]) -> FrameFormat | None:
        """That of a ``top.Input``, None when it takes no frames."""
        name = str(attributes.get("customization_format") or "")
        return FrameFormat(name, bool(attributes.get("aligned", False))) if name else None

    @property
    def channels(self) -> int:
        """Channels of a picture."""
        return {"GRAYSCALE": 1, "RGBA_PLANAR": 4}.get(self.name, 3)

    @property
    def _packed(self) -> bool:
        return self.name.endswith("_PACKED")

    @property
    def _yuv(self) -> bool:
        return self.name.startswith("YUV")

    def size(self, shape: tuple[int, ...], width: int) -> tuple[int, int]:
        """Height and width of the pictures in an input of this shape; ``width`` is known apart from the padding."""
        if self._yuv:
            return shape[2] * 2 // 3, width
        return (shape[1] if self._packed and not self.aligned else shape[2]), width

    def _row(self, rows: np.ndarray) -> np.ndarray:
        """Rows [..., bytes], padded where frames are aligned."""
        padding = -rows.shape[-1] % ROW_ALIGNMENT if self.aligned else 0
        return np.pad(rows, [(0, 0)] * (rows.ndim - 1) + [(0, padding)])

    def pack(self, picture: np.ndarray) -> np.ndarray:
        """The frame of a picture, with a batch axis."""
        height, width = picture.shape[:2]
        if self._yuv:
            return self._pack_yuv(picture)
        colors = picture[:, :, 2::-1] if self.name.startswith("BGR") else picture
        if not self._packed:
            return np.ascontiguousarray(self._row(colors.transpose(2, 0, 1))[np.newaxis])
        if not self.aligned:
            return np.ascontiguousarray(colors[np.newaxis])
        return self._row(colors.reshape(height, width * self.channels))[np.newaxis, np.newaxis]

    def unpack(self, frame: np.ndarray, width: int) -> np.ndarray:
        """The picture of a frame without batch axis; float32 for YUV, whose colors are not rounded."""
        if self._yuv:
            return self._unpack_yuv(frame[0], width)
        if self._packed:
            wide = frame if not self.aligned else frame[0, :, : width * 3].reshape(frame.shape[1], width, 3)
        else:
            wide = frame[:, :, :width].transpose(1, 2, 0)
        return wide[:, :, 2::-1] if self.name.startswith("BGR") else wide

    def _pack_yuv(self, picture: np.ndarray) -> np.ndarray:
        height, width = picture.shape[:2]
        planes = np.tensordot(picture.astype(np.float64), _TO_YUV, axes=([2], [1]))
        luma = np.clip(np.rint(planes[:, :, 0] * _LUMA + 16), 0, 255).astype(np.uint8)
        small = planes[:, :, 1:].reshape(height // 2, 2, width // 2, 2, 2).mean(axis=(1, 3))
        chroma = np.clip(np.rint(small * _CHROMA + 128), 0, 255).astype(np.uint8)
        luma = self._row(luma)
        stored = luma.shape[1]
        chroma = np.pad(chroma, [(0, 0), (0, (stored - width) // 2), (0, 0)])
        if self.name == "YUV420_PLANAR":
            rest = chroma.transpose(2, 0, 1)
        else:
            rest = chroma if self.name == "YUV_NV12" else chroma[:, :, ::-1]
        data = np.concatenate([luma.reshape(-1), np.ascontiguousarray(rest).reshape(-1)])
        return data.reshape(1, 1, height // 2 * 3, stored)

    def _unpack_yuv(self, frame: np.ndarray, width: int) -> np.ndarray:
        stored = frame.shape[1]
        height = frame.shape[0] * 2 // 3
        luma = frame[:height, :width].astype(np.float32)
        rest = frame[height:].reshape(-1)
        if self.name == "YUV420_PLANAR":
            u, v = rest.reshape(2, height // 2, stored // 2)
        else:
            pairs = rest.reshape(height // 2, stored // 2, 2)
            u, v = (pairs[:, :, 0], pairs[:, :, 1]) if self.name == "YUV_NV12" else (pairs[:, :, 1], pairs[:, :, 0])
        u, v = (np.repeat(np.repeat(plane[:, : width // 2], 2, 0), 2, 1).astype(np.float64) - 128 for plane in (u, v))
        y = (luma.astype(np.float64) - 16) * (255 / 219)
        from_u, from_v = 1.772 * 255 / 224, 1.402 * 255 / 224
        green = y - from_u * 0.114 / 0.587 * u - from_v * 0.299 / 0.587 * v
        return np.clip(np.stack([y + from_v * v, green, y + from_u * u], axis=-1), 0, 255).astype(np.float32)
