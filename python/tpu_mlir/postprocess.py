"""What ``model_transform.py --add_postprocess`` can append to a network; the pass ``add-postprocess`` does it."""

from __future__ import annotations

from .errors import UserError

KINDS = ("yolov3", "yolov5", "yolov7", "yolov8", "yolov11", "ssd")

_MASKS = "transform it without the option and combine masks and boxes in your application"
_OTHERS = {
    "yolov8_seg": f"the masks of yolov8_seg cannot be computed inside of the network; {_MASKS}",
    "yolov11_seg": f"the masks of yolov11_seg cannot be computed inside of the network; {_MASKS}",
    "yolov26": "yolov26 gives finished boxes (x1, y1, x2, y2, score, class); transform it without the option",
    "bnr": "bnr cannot be computed inside of the network; transform it without the option and apply it to its outputs",
    "mmap2rgbmap": "mmap2rgbmap cannot be computed inside of the network; transform it without the option and color "
    "its map in your application",
}


def kind_of(word: str) -> str:
    """The kind that a user names, "" for none; UserError with the remedy for what there is not."""
    kind = word.lower()
    if not kind or kind in KINDS:
        return kind
    reason = _OTHERS.get(kind, f"there is no '{word}'; there are {', '.join(KINDS[:-1])} and {KINDS[-1]}")
    raise UserError(f"--add_postprocess: {reason}")
