"""Makes the TensorFlow networks of this folder; run as docs/import-tensorflow-paddle.md says, in an environment with
tensorflow-cpu 2.21 and tf2onnx 1.17."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).parent


def classifier() -> tf.keras.Model:
    layers = tf.keras.layers
    image = tf.keras.Input((32, 32, 3), name="image")
    x = layers.ReLU()(layers.BatchNormalization()(layers.Conv2D(8, 3, padding="same", strides=2)(image)))
    x = layers.GlobalAveragePooling2D()(layers.DepthwiseConv2D(3, padding="same")(x))
    return tf.keras.Model(image, layers.Softmax()(layers.Dense(10)(x)))


def recurrent() -> tf.keras.Model:
    series = tf.keras.Input((7, 5), name="series")
    return tf.keras.Model(series, tf.keras.layers.Dense(3)(tf.keras.layers.LSTM(6)(series)))


def convert(model: tf.keras.Model, name: str, array: np.ndarray, stored: np.ndarray, *options: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        model.export(folder)
        command = [sys.executable, "-m", "tf2onnx.convert", "--saved-model", folder, "--opset", "17", *options]
        subprocess.run([*command, "--output", str(HERE / f"{name}.onnx")], check=True)
    np.savez(HERE / f"{name}.npz", **{model.inputs[0].name: stored, "expected": model(array).numpy()})


def main() -> None:
    tf.keras.utils.set_random_seed(0)
    random = np.random.default_rng(0)
    image, series = random.random((1, 32, 32, 3), np.float32), random.random((1, 7, 5), np.float32)
    model = classifier()
    convert(model, "tensorflow_nhwc", image, image)
    convert(model, "tensorflow_nchw", image, image.transpose(0, 3, 1, 2).copy(), "--inputs-as-nchw", "image")
    convert(recurrent(), "tensorflow_lstm", series, series)


if __name__ == "__main__":
    main()
