"""Pictures become inputs as the attributes of top.Input say."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tpu_mlir.errors import UserError
from tpu_mlir.preprocess import Preprocessing, resize_bilinear

PIXELS = np.random.default_rng(3).integers(0, 256, (20, 30, 3), dtype=np.uint8)


def picture(folder: Path, pixels: np.ndarray = PIXELS, name: str = "p.png") -> Path:
    path = folder / name
    Image.fromarray(pixels).save(path)
    return path


def test_channels_mean_and_scale_follow_the_pixel_format(tmp_path: Path) -> None:
    path = picture(tmp_path)
    mean, scale = (1.0, 2.0, 3.0), (0.5, 0.25, 2.0)
    for pixel_format, pixels in (("rgb", PIXELS), ("bgr", PIXELS[:, :, ::-1])):
        options = Preprocessing(mean=mean, scale=scale, pixel_format=pixel_format)
        tensor = options.load([path], (1, 3, 20, 30))
        expected = (pixels.astype(np.float32) - np.array(mean)) * np.array(scale)
        np.testing.assert_allclose(tensor[0].transpose(1, 2, 0), expected, rtol=1e-6)
        assert tensor.dtype == np.float32


def test_channels_last(tmp_path: Path) -> None:
    options = Preprocessing(pixel_format="rgb", channel_format="nhwc")
    np.testing.assert_array_equal(options.load([picture(tmp_path)], (1, 20, 30, 3))[0], PIXELS)


def test_gray_and_alpha(tmp_path: Path) -> None:
    path = picture(tmp_path)
    gray = Preprocessing(pixel_format="gray").load([path], (1, 1, 20, 30))[0, 0]
    np.testing.assert_allclose(gray, PIXELS @ np.array([0.299, 0.587, 0.114]), atol=1)
    rgba = Preprocessing(pixel_format="rgba").load([path], (1, 4, 20, 30))[0]
    assert (rgba[3] == 255).all()


@pytest.mark.parametrize(("pad_type", "top"), [("center", 5), ("normal", 0)])
def test_letterbox_pads_to_the_size(tmp_path: Path, pad_type: str, top: int) -> None:
    flat = np.full((20, 30, 3), 200, np.uint8)
    options = Preprocessing(keep_aspect_ratio=True, pad_value=114, pad_type=pad_type)
    tensor = options.load([picture(tmp_path, flat)], (1, 3, 30, 30))[0]
    inside = np.zeros((30, 30), bool)
    inside[top : top + 20] = True
    assert (tensor[:, inside] == 200).all() and (tensor[:, ~inside] == 114).all()


def test_short_side_scale_crops_the_long_side(tmp_path: Path) -> None:
    ramp = np.repeat(np.arange(40, dtype=np.uint8)[None, :, None], 20, axis=0).repeat(3, axis=2)
    options = Preprocessing(keep_aspect_ratio=True, keep_ratio_mode="short_side_scale")
    tensor = options.load([picture(tmp_path, ramp)], (1, 3, 20, 20))[0]
    np.testing.assert_array_equal(tensor[0, 0], np.arange(10, 30))


def test_resize_dims_are_cropped_in_the_middle(tmp_path: Path) -> None:
    options = Preprocessing(resize_dims=(20, 30), pixel_format="rgb")
    tensor = options.load([picture(tmp_path)], (1, 3, 10, 20))[0]
    np.testing.assert_array_equal(tensor.transpose(1, 2, 0), PIXELS[5:15, 5:25])


def test_attributes_restore_the_preprocessing() -> None:
    options = Preprocessing(
        (40, 50), True, "short_side_scale", (1.0, 2.0, 3.0), (0.5, 0.6, 0.7), "rgb", "nchw", 7, "normal"
    )
    attributes = options.attributes((1, 3, 20, 30))
    assert Preprocessing.from_attributes(attributes) == options and attributes["do_preprocess"] is True
    assert options.attributes((1, 10)) == {} and options.attributes((1, 7, 4, 4)) == {}
    assert Preprocessing(channel_format="none").attributes((1, 3, 4, 4)) == {}


def test_one_picture_for_the_batch_or_one_each(tmp_path: Path) -> None:
    paths = [picture(tmp_path), picture(tmp_path, PIXELS[::-1].copy(), "q.png")]
    options = Preprocessing()
    assert options.load(paths, (2, 3, 20, 30)).shape == options.load(paths[:1], (2, 3, 20, 30)).shape
    with pytest.raises(UserError, match="3 images for a batch of 2"):
        options.load([*paths, paths[0]], (2, 3, 20, 30))


@pytest.mark.parametrize("size", [(7, 9), (40, 61), (20, 15), (10, 15), (1, 1)])
def test_bilinear_resize_is_within_one_level_of_exact_interpolation(size: tuple[int, int]) -> None:
    def axis(source: np.ndarray, target: int) -> np.ndarray:
        position = np.clip((np.arange(target) + 0.5) * len(source) / target - 0.5, 0, len(source) - 1)
        low = np.floor(position).astype(int)
        share = (position - low).reshape(-1, 1, 1)
        return source[low] * (1 - share) + source[np.minimum(low + 1, len(source) - 1)] * share

    exact = axis(axis(PIXELS.astype(np.float64), size[0]).transpose(1, 0, 2), size[1]).transpose(1, 0, 2)
    assert np.abs(resize_bilinear(PIXELS, *size) - exact).max() <= 1.01


def test_pictures_are_turned_as_the_camera_says(tmp_path: Path) -> None:
    image = Image.fromarray(PIXELS)
    exif = image.getexif()
    exif[0x0112] = 6
    path = tmp_path / "turned.png"
    image.save(path, exif=exif)
    tensor = Preprocessing(pixel_format="rgb").load([path], (1, 3, 30, 20))[0]
    np.testing.assert_array_equal(tensor.transpose(1, 2, 0), np.rot90(PIXELS, -1))


def test_unusable_pictures_get_one_sentence(tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.png"
    damaged.write_bytes(picture(tmp_path).read_bytes()[:200])
    deep = tmp_path / "deep.png"
    Image.fromarray(np.zeros((4, 4), np.uint16)).save(deep)
    options = Preprocessing()
    for path, message in (
        (damaged, "not an image"),
        (deep, "more than 8 bits"),
        (tmp_path / "none.png", "cannot be read"),
    ):
        with pytest.raises(UserError, match=message):
            options.load([path], (1, 3, 20, 30))
    with pytest.raises(UserError, match="raw sensor"):
        Preprocessing(pixel_format="rggb").load([picture(tmp_path)], (1, 3, 20, 30))
    with pytest.raises(UserError, match="numbers for 3 channels"):
        Preprocessing(mean=(1.0, 2.0)).load([picture(tmp_path)], (1, 3, 20, 30))
    with pytest.raises(UserError, match="smaller than the input"):
        Preprocessing(resize_dims=(10, 10)).load([picture(tmp_path)], (1, 3, 20, 30))
