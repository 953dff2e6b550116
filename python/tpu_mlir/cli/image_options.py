"""The options that say how pictures become inputs, shared by the commands that read pictures."""

from __future__ import annotations

import argparse

from ..errors import UserError
from ..preprocess import Preprocessing
from .command import Parser


def add_image_options(p: Parser) -> None:
    """Adds them to a parser."""
    g = p.add_argument_group("preparation of pictures")
    g.add_argument("--resize_dims", type=integers, help="h,w that images are resized to before the crop")
    g.add_argument("--keep_aspect_ratio", action="store_true", help="keep the aspect ratio when resizing")
    g.add_argument("--keep_ratio_mode", default="letterbox", choices=["letterbox", "short_side_scale"])
    g.add_argument("--mean", type=_numbers, default=(0.0, 0.0, 0.0), help="subtracted, per channel")
    g.add_argument("--scale", type=_numbers, default=(1.0, 1.0, 1.0), help="factor after the mean, per channel")
    g.add_argument("--pixel_format", default="bgr", choices=["rgb", "bgr", "gray", "rgba"])
    g.add_argument("--channel_format", default="nchw", choices=["nhwc", "nchw", "none"], help="none: no image")
    g.add_argument("--pad_value", type=int, default=0, help="value of letterbox padding")
    g.add_argument("--pad_type", default="center", choices=["normal", "center"], help="where letterbox padding goes")


def words(text: str) -> list[str]:
    """The words of a list, with or without brackets."""
    return [word.strip() for word in text.strip("[]").split(",") if word.strip()]


def integers(text: str) -> tuple[int, ...]:
    """The type of an option that is a list of integers."""
    try:
        return tuple(int(part) for part in words(text))
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"'{text}' is not a list of integers") from error


def _numbers(text: str) -> tuple[float, ...]:
    try:
        return tuple(float(part) for part in words(text))
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"'{text}' is not a list of numbers") from error


def preprocessing_of(args: argparse.Namespace) -> Preprocessing:
    """The preparation that the options describe; ``UserError`` where they make no sense."""
    dims = args.resize_dims
    if dims is not None and (len(dims) != 2 or min(dims) < 1):
        raise UserError(f"--resize_dims {list(dims)} is not a height and a width")
    return Preprocessing(
        resize_dims=None if dims is None else (dims[0], dims[1]),
        keep_aspect_ratio=args.keep_aspect_ratio,
        keep_ratio_mode=args.keep_ratio_mode,
        mean=args.mean,
        scale=args.scale,
        pixel_format=args.pixel_format,
        channel_format=args.channel_format,
        pad_value=args.pad_value,
        pad_type=args.pad_type,
    )
