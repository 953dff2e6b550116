"""Makes the Paddle network of this folder; run as docs/import-tensorflow-paddle.md says, in an environment with
paddlepaddle 3.3 and paddle2onnx 2.1."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

import numpy as np
import paddle
from paddle.nn import functional

HERE = Path(__file__).parent


class Net(paddle.nn.Layer):
    def __init__(self) -> None:
        super().__init__()
        self.conv = paddle.nn.Conv2D(3, 8, 3, padding=1)
        self.norm = paddle.nn.BatchNorm2D(8)
        self.dense = paddle.nn.Linear(8, 10)

    def forward(self, x: paddle.Tensor) -> paddle.Tensor:
        x = functional.hardswish(self.norm(self.conv(x)))
        return functional.softmax(self.dense(functional.adaptive_avg_pool2d(x, 1).flatten(1)))


def main() -> None:
    paddle.seed(0)
    net = Net()
    net.eval()
    x = np.random.default_rng(0).random((1, 3, 16, 16), np.float32)
    np.savez(HERE / "paddle.npz", x=x, expected=net(paddle.to_tensor(x)).numpy())
    with tempfile.TemporaryDirectory() as folder:
        spec = paddle.static.InputSpec([None, 3, 16, 16], "float32", "x")
        paddle.jit.save(net, f"{folder}/net", input_spec=[spec])
        command = ["paddle2onnx", "--model_dir", folder, "--model_filename", "net.json", "--opset_version", "17"]
        command += ["--params_filename", "net.pdiparams", "--save_file", str(HERE / "paddle.onnx")]
        subprocess.run(command, check=True)


if __name__ == "__main__":
    main()
