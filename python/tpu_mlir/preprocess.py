"""From an image file to the network's input, as the attributes of ``top.Input`` describe it.

Resizing follows OpenCV's bilinear interpolation of 8-bit images (11-bit weights), which upstream uses.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .errors import UserError
from .files import require_file
from .frames import FrameFormat

IMAGE_SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp", ".webp", ".ppm", ".tif", ".tiff")
CHANNELS = {"rgb": 3, "bgr": 3, "gray": 1, "rgba": 4}


@dataclass(frozen=True)
class Preprocessing:
    """How images become inputs. resize_dims: [h, w] before the crop, None for the network's size. frame: how bytes lie
    in the frames that a network with fused preprocessing takes, None where it takes prepared values."""

    resize_dims: tuple[int, int] | None = None
    keep_aspect_ratio: bool = False
    keep_ratio_mode: str = "letterbox"
    mean: tuple[float, ...] = (0.0, 0.0, 0.0)
    scale: tuple[float, ...] = (1.0, 1.0, 1.0)
    pixel_format: str = "bgr"
    channel_format: str = "nchw"
    pad_value: int = 0
    pad_type: str = "center"
    frame: FrameFormat | None = None

    def applies_to(self, shape: Sequence[int]) -> bool:
        """Whether an input of this shape can be an image."""
        if self.frame is not None:
            return True
        if self.channel_format == "none" or len(shape) != 4:
            return False
        return self._channels(shape) in (1, 3, 4)

    def _channels(self, shape: Sequence[int]) -> int:
        return shape[3] if self.channel_format == "nhwc" else shape[1]

    def _size(self, shape: Sequence[int]) -> tuple[int, int]:
        return (shape[1], shape[2]) if self.channel_format == "nhwc" else (shape[2], shape[3])

    def attributes(self, shape: Sequence[int]) -> Mapping[str, Any]:
        """Attributes of the ``top.Input`` of this shape; none where it is not an image."""
        if not self.applies_to(shape):
            return {}
        return {
            "do_preprocess": True,
            "pixel_format": self.pixel_format,
            "channel_format": self.channel_format,
            "resize_dims": list(self.resize_dims or self._size(shape)),
            "keep_aspect_ratio": self.keep_aspect_ratio,
            "keep_ratio_mode": self.keep_ratio_mode,
            "pad_value": self.pad_value,
            "pad_type": self.pad_type,
            "scale": list(self.scale),
            "mean": list(self.mean),
            "yuv_type": "",
        }

    @staticmethod
    def from_attributes(attributes: Mapping[str, Any]) -> Preprocessing:
        """From plain values of the attributes of a ``top.Input``."""
        dims = attributes.get("resize_dims")
        return Preprocessing(
            resize_dims=(int(dims[0]), int(dims[1])) if dims else None,
            keep_aspect_ratio=bool(attributes.get("keep_aspect_ratio", False)),
            keep_ratio_mode=attributes.get("keep_ratio_mode") or "letterbox",
            mean=tuple(attributes.get("mean") or (0.0, 0.0, 0.0)),
            scale=tuple(attributes.get("scale") or (1.0, 1.0, 1.0)),
            pixel_format=attributes.get("pixel_format") or "bgr",
            channel_format=attributes.get("channel_format") or "nchw",
            pad_value=int(attributes.get("pad_value") or 0),
            pad_type=attributes.get("pad_type") or "center",
            frame=FrameFormat.of(attributes),
        )

    def load(self, paths: Sequence[str | os.PathLike[str]], shape: Sequence[int]) -> np.ndarray:
        """The input of this shape made of one image per batch element, or of one image for all: float32, or uint8 for
        a network with fused preprocessing."""
        if not self.applies_to(shape):
            raise UserError(f"an input of shape {list(shape)} cannot be made from an image; give an npz file")
        batch = shape[0]
        if len(paths) not in (1, batch):
            raise UserError(f"there are {len(paths)} images for a batch of {batch}")
        images = [self._one(path, shape) for path in paths]
        return np.concatenate(images * batch if len(images) == 1 else images, axis=0)

    def _one(self, path: str | os.PathLike[str], shape: Sequence[int]) -> np.ndarray:
        if self.frame is not None:
            colors = {1: "gray", 3: "rgb", 4: "rgba"}[self.frame.channels]
            image = _decode(path, colors, self.frame.channels)
            return self.frame.pack(self._resized(image, self._frame_size(tuple(shape))))
        channels = self._channels(shape)
        image = _decode(path, self.pixel_format, channels)
        return self._prepared(self._resized(image, self.resize_dims or self._size(shape)), shape)

    def _frame_size(self, shape: tuple[int, ...]) -> tuple[int, int]:
        """Height and width of the pictures in the frames of an input of this shape."""
        assert self.frame is not None
        if self.resize_dims is not None:
            return self.resize_dims
        packed = self.frame.name.endswith("_PACKED")
        return self.frame.size(shape, shape[2] if packed else shape[3])

    def of_frames(self, frames: np.ndarray, shape: Sequence[int]) -> np.ndarray:
        """What a network without fused preprocessing would get: the input of this shape (float32) for the frames."""
        assert self.frame is not None
        _, width = self._frame_size(frames.shape)
        pictures = []
        for frame in frames:
            picture = self.frame.unpack(frame, width)[:, :, : self._channels(shape)]
            ordered = picture[:, :, ::-1] if self.pixel_format == "bgr" and picture.shape[2] == 3 else picture
            pictures.append(self._prepared(ordered, shape))
        return np.concatenate(pictures, axis=0)

    def _prepared(self, resized: np.ndarray, shape: Sequence[int]) -> np.ndarray:
        """A picture in the network's order of channels: cropped, normalized, in the network's layout."""
        channels = self._channels(shape)
        height, width = self._size(shape)
        if resized.shape[0] < height or resized.shape[1] < width:
            raise UserError(f"resize_dims {list(resized.shape[:2])} is smaller than the input {height} x {width}")
        top, left = (resized.shape[0] - height) // 2, (resized.shape[1] - width) // 2
        cropped = resized[top : top + height, left : left + width].astype(np.float32)
        values = (cropped - _per_channel(self.mean, channels, "mean")) * _per_channel(self.scale, channels, "scale")
        if self.channel_format == "nchw":
            values = values.transpose(2, 0, 1)
        return np.ascontiguousarray(values[np.newaxis], dtype=np.float32)

    def _resized(self, image: np.ndarray, size: tuple[int, int]) -> np.ndarray:
        if not self.keep_aspect_ratio:
            return resize_bilinear(image, *size)
        height, width = image.shape[:2]
        ratios = size[0] / height, size[1] / width
        letterbox = self.keep_ratio_mode == "letterbox"
        ratio = min(ratios) if letterbox else max(ratios)
        scaled = resize_bilinear(image, max(1, int(height * ratio)), max(1, int(width * ratio)))
        if not letterbox:
            top, left = (scaled.shape[0] - size[0]) // 2, (scaled.shape[1] - size[1]) // 2
            return scaled[top : top + size[0], left : left + size[1]]
        padded = np.full((*size, image.shape[2]), self.pad_value, np.uint8)
        free = size[0] - scaled.shape[0], size[1] - scaled.shape[1]
        top, left = (free[0] // 2, free[1] // 2) if self.pad_type == "center" else (0, 0)
        padded[top : top + scaled.shape[0], left : left + scaled.shape[1]] = scaled
        return padded


def _per_channel(values: Sequence[float], channels: int, what: str) -> np.ndarray:
    if len(values) == 1:
        values = list(values) * channels
    if len(values) == 3 and channels == 4:  # the numbers of the colours; alpha stays as it is
        values = [*values, 0.0 if what == "mean" else 1.0]
    if len(values) < channels:
        raise UserError(f"--{what} has {len(values)} numbers for {channels} channels")
    return np.asarray(values[:channels], dtype=np.float32)


def _decode(path: str | os.PathLike[str], pixel_format: str, channels: int) -> np.ndarray:
    """Height x width x channels, uint8, in the wanted order of channels."""
    from PIL import Image, ImageOps

    found = require_file(path, "the image")
    if pixel_format not in CHANNELS:
        raise UserError(
            f"pixel format {pixel_format} (raw sensor data) is not supported; give the input as an npz file"
        )
    mode = {1: "L", 3: "RGB", 4: "RGBA"}[channels]
    try:
        with Image.open(found) as image:
            if image.mode.startswith(("I", "F")):
                raise UserError(f"{found} has more than 8 bits per channel; convert it to an 8-bit image")
            # turned as the camera says, like every viewer and OpenCV show it
            pixels = np.asarray(ImageOps.exif_transpose(image).convert(mode), dtype=np.uint8)
    except UserError:
        raise
    except Exception as error:  # decoders raise many kinds on damaged files, and their own for huge pictures
        raise UserError(f"{found} is not an image that can be read") from error
    if pixels.ndim == 2:
        return pixels[:, :, np.newaxis]
    return pixels[:, :, ::-1] if pixel_format == "bgr" else pixels


def resize_bilinear(image: np.ndarray, height: int, width: int) -> np.ndarray:
    """Bilinear resizing of an H x W x C uint8 image, equal to OpenCV's INTER_LINEAR."""
    rows, columns = image.shape[:2]
    if (rows, columns) == (height, width):
        return image
    if rows == 2 * height and columns == 2 * width:  # OpenCV averages here
        wide = image.astype(np.uint32)
        total = wide[0::2, 0::2] + wide[0::2, 1::2] + wide[1::2, 0::2] + wide[1::2, 1::2]
        return ((total + 2) >> 2).astype(np.uint8)
    y0, y1, wy0, wy1 = _weights(rows, height)
    x0, x1, wx0, wx1 = _weights(columns, width)
    source = image.astype(np.int32)
    wide = source[:, x0] * wx0[None, :, None] + source[:, x1] * wx1[None, :, None]
    upper, lower = wide[y0] >> 4, wide[y1] >> 4
    mixed = ((wy0[:, None, None] * upper) >> 16) + ((wy1[:, None, None] * lower) >> 16)
    return np.clip((mixed + 2) >> 2, 0, 255).astype(np.uint8)


def _weights(size: int, wanted: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Both source positions of each target position, and their weights in units of 1/2048."""
    position = ((np.arange(wanted) + 0.5) * (size / wanted) - 0.5).astype(np.float32)
    first = np.floor(position).astype(np.int64)
    fraction = position - first.astype(np.float32)
    fraction[first < 0] = 0
    fraction[first >= size - 1] = 0
    first = np.clip(first, 0, size - 1)
    second = np.minimum(first + 1, size - 1)
    high = np.rint(fraction * 2048).astype(np.int32)
    low = np.rint((1 - fraction) * 2048).astype(np.int32)
    return first, second, low, high
