"""Networks of torchvision and transformers, with random weights, through every way in that starts in PyTorch.

    pip install torch torchvision transformers onnxscript
    python regression/zoo.py [--only REGEX] [--ways onnx,onnx-dynamo,pt,pt2] [--report FILE]

Each network is exported, converted, canonicalized, evaluated, and its output compared with PyTorch's. Verdicts: ok (the
largest error is at most 1e-3 of the largest value), wrong, refused (with the sentence), and not exported where PyTorch
itself gives up. The exit status is 0 when nothing is wrong.
"""

from __future__ import annotations

import argparse
import io
import json
import re
import sys
import tempfile
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnx_node_suite import evaluate_top
from tpu_mlir.errors import UserError

LARGEST_ERROR = 1e-3
"""Of an output, relative to its largest value: far above f32 noise (1e-5), far below any error of meaning."""
WAYS = ("onnx", "onnx-dynamo", "pt", "pt2")

Arrays = Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Network:
    """make: the module and its inputs."""

    name: str
    make: Callable[[], tuple[torch.nn.Module, tuple[torch.Tensor, ...]]]


VISION = {
    (1, 3, 64, 64): (
        "densenet121 efficientnet_b0 fcn_resnet50 lraspp_mobilenet_v3_large deeplabv3_mobilenet_v3_large googlenet "
        "convnext_tiny mnasnet0_5 mobilenet_v3_large mobilenet_v3_small regnet_y_400mf resnext50_32x4d "
        "shufflenet_v2_x0_5 vgg11_bn"
    ),
    (1, 3, 128, 128): "alexnet squeezenet1_0 swin_t swin_v2_t",
    (1, 3, 224, 224): "inception_v3 maxvit_t",
    (1, 3, 8, 56, 56): "r3d_18 mc3_18 r2plus1d_18",
    (1, 3, 8, 64, 64): "swin3d_t",
    (1, 3, 16, 224, 224): "s3d mvit_v1_b",
}
PAIRS = {(1, 3, 128, 128): "raft_small"}
"""Networks of torchvision with two inputs of one shape."""

ENCODERS = (
    "Albert Bert Camembert ConvBert Deberta DebertaV2 DistilBert Electra Ernie LayoutLM MobileBert MPNet Nystromformer "
    "RoFormer Roberta XLMRoberta"
)
DECODERS = "Bloom Cohere Falcon Gemma Gemma2 GPTNeoX Granite Llama Mamba Mistral Olmo OPT Phi Qwen2 Qwen3"
PICTURES = "Beit CLIPVision DeiT Dinov2 SiglipVision ViT"
SOUNDS = "Hubert UniSpeech Wav2Vec2 WavLM"

TEXT = {
    "vocab_size": 99,
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "intermediate_size": 64,
    "max_position_embeddings": 64,
}
GROUPED = {"num_key_value_heads": 2, "head_dim": 8}
EXTRA = {
    "Albert": {"embedding_size": 16},
    "DistilBert": {"dim": 32, "n_layers": 2, "n_heads": 4, "hidden_dim": 64},
    "MobileBert": {"embedding_size": 16, "intra_bottleneck_size": 16, "true_hidden_size": 16},
    "Bloom": {"n_layer": 2, "n_head": 4},
    "OPT": {"ffn_dim": 64, "word_embed_proj_dim": 32},
    **dict.fromkeys(("Llama", "Mistral", "Qwen2", "Qwen3", "Gemma", "Gemma2", "Olmo", "Granite", "Cohere"), GROUPED),
}
PICTURE = {"image_size": 32, "patch_size": 8}
SOUND = {
    "conv_dim": (16, 16, 16),
    "conv_stride": (5, 2, 2),
    "conv_kernel": (10, 3, 3),
    "num_feat_extract_layers": 3,
    "num_conv_pos_embeddings": 16,
    "num_conv_pos_embedding_groups": 4,
}


def networks() -> Iterator[Network]:
    """All networks of the libraries that are installed."""
    for count, table in ((1, VISION), (2, PAIRS)):
        for shape, names in table.items():
            for name in names.split():
                yield Network(name, lambda name=name, shape=shape, count=count: _vision(name, shape, count))
    tokens = torch.arange(3, 15).reshape(1, 12)
    texts = (tokens, torch.ones_like(tokens))
    families = (
        (ENCODERS, "Model", TEXT, ("input_ids", "attention_mask"), texts),
        (DECODERS, "ForCausalLM", TEXT, ("input_ids",), (tokens,)),
        (PICTURES, "Model", {**TEXT, **PICTURE}, ("pixel_values",), (torch.randn(1, 3, 32, 32),)),
        (SOUNDS, "Model", {**TEXT, **SOUND}, ("input_values",), (torch.randn(1, 800),)),
    )
    for names, suffix, settings, keys, inputs in families:
        for name in names.split():
            values = settings | EXTRA.get(name, {})
            yield Network(name, lambda n=name, s=suffix, v=values, k=keys, i=inputs: (_Keyed(_language(n, s, v), k), i))


def _vision(name: str, shape: tuple[int, ...], count: int) -> tuple[torch.nn.Module, tuple[torch.Tensor, ...]]:
    from torchvision import models

    options: dict[str, Any] = {"weights": None}
    if name.startswith(("fcn", "deeplab", "lraspp")):
        options["weights_backbone"] = None
    if name in ("googlenet", "inception_v3"):
        options |= {"aux_logits": False, "init_weights": True}
    return models.get_model(name, **options), tuple(torch.randn(*shape) for _ in range(count))


def _language(name: str, suffix: str, values: Mapping[str, Any]) -> torch.nn.Module:
    import transformers

    config = getattr(transformers, f"{name}Config")(**values)
    config.use_cache = False
    config._attn_implementation = "eager"
    return getattr(transformers, f"{name}{suffix}")(config)


class _Keyed(torch.nn.Module):
    """A network of transformers with inputs in order and one tensor as result."""

    def __init__(self, module: torch.nn.Module, keys: Sequence[str]) -> None:
        super().__init__()
        self.module, self.keys = module, keys

    def forward(self, *inputs: torch.Tensor) -> torch.Tensor:
        return self.module(**dict(zip(self.keys, inputs, strict=True)), return_dict=True)[0]


def _settle(module: torch.nn.Module) -> None:
    """Statistics of batch normalization that are not 0 and 1, which would hide errors."""
    for inner in module.modules():
        if isinstance(inner, torch.nn.modules.batchnorm._BatchNorm) and inner.running_mean is not None:
            inner.running_mean.normal_(0, 0.1)
            inner.running_var.uniform_(0.5, 1.5)


def _flat(value: Any) -> list[torch.Tensor]:
    if torch.is_tensor(value):
        return [value]
    items = value.values() if isinstance(value, Mapping) else value if isinstance(value, (list, tuple)) else ()
    return [tensor for item in items for tensor in _flat(item)]


def export(module: torch.nn.Module, inputs: tuple[torch.Tensor, ...], way: str, folder: Path) -> Any:
    """An ONNX model, or the path of a PyTorch file."""
    if way == "onnx":
        buffer = io.BytesIO()
        torch.onnx.export(module, inputs, buffer, dynamo=False, opset_version=17)
        return onnx.load_from_string(buffer.getvalue())
    if way == "onnx-dynamo":
        return torch.onnx.export(module, inputs, dynamo=True, verbose=False).model_proto
    path = folder / f"net.{way}"
    if way == "pt":
        torch.jit.save(torch.jit.trace(module, inputs, strict=False), path)
    else:
        torch.export.save(torch.export.export(module, inputs), path)
    return path


def evaluate(exported: Any, inputs: Sequence[torch.Tensor]) -> list[np.ndarray]:
    """The outputs of the canonical module."""
    if isinstance(exported, onnx.ModelProto):
        constants = {tensor.name for tensor in exported.graph.initializer}
        names = [value.name for value in exported.graph.input if value.name not in constants]
        feeds = {name: tensor.numpy() for name, tensor in zip(names, inputs, strict=True)}
        return list(evaluate_top(exported, feeds).values())
    from tpu_mlir import pipelines
    from tpu_mlir.evaluation import evaluate_module
    from tpu_mlir.frontend.torch import convert_torch

    shapes = [list(tensor.shape) for tensor in inputs]
    kinds = [str(tensor.dtype).removeprefix("torch.") for tensor in inputs]
    given = {"input_shapes": shapes, "input_types": kinds} if exported.suffix == ".pt" else {}
    converted = convert_torch(exported, "zoo", directory=None, **given)
    module = converted.module()
    pipelines.run(module, pipelines.TRANSFORM)
    feeds = {}
    for (name, shape), tensor in zip(converted.inputs.items(), inputs, strict=True):
        kind = np.float32 if tensor.is_floating_point() else np.int32
        feeds[name] = tensor.numpy().astype(kind).reshape(shape)
    return list(evaluate_module(module, feeds).in_order())


def judge(network: Network, way: str) -> tuple[str, str]:
    """Verdict and what there is to say."""
    torch.manual_seed(0)
    module, inputs = network.make()
    _settle(module)
    module.eval()
    with torch.no_grad(), tempfile.TemporaryDirectory() as folder:
        expected = [tensor.double().numpy() for tensor in _flat(module(*inputs))]
        try:
            exported = export(module, inputs, way, Path(folder))
        except Exception as error:  # exporters raise whatever they meet
            return "not exported", (str(error).splitlines() or [type(error).__name__])[0][:100]
        try:
            results = evaluate(exported, inputs)
        except UserError as error:
            return "refused", str(error).splitlines()[0]
        except Exception as error:  # whatever is no refusal is wrong
            return "wrong", f"{type(error).__name__}: {error}"
    worst = 0.0
    for got, want in zip(results, expected, strict=True):
        if got.size != want.size:
            return "wrong", f"{got.size} values instead of {want.size}"
        worst = max(worst, float(np.abs(got.ravel() - want.ravel()).max() / max(np.abs(want).max(), 1e-9)))
    return ("ok" if worst <= LARGEST_ERROR else "wrong"), f"{worst:.1e}"


def main(arguments: list[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(description="Networks of torchvision and transformers against PyTorch.")
    parser.add_argument("--only", default="", help="regular expression on names")
    parser.add_argument("--ways", default=",".join(WAYS), help="comma list of " + ", ".join(WAYS))
    parser.add_argument("--report", type=Path, help="JSON file to write")
    options = parser.parse_args(arguments)
    warnings.simplefilter("ignore")
    report: dict[str, dict[str, tuple[str, str]]] = {}
    for network in networks():
        if not re.search(options.only, network.name):
            continue
        for way in options.ways.split(","):
            try:
                verdict = judge(network, way)
            except ImportError as error:
                print(f"{network.name}: skipped, {error}")
                break
            report.setdefault(network.name, {})[way] = verdict
            print(f"{network.name:32} {way:12} {': '.join(verdict)}", flush=True)
    if options.report:
        options.report.write_text(json.dumps(report, indent=1) + "\n")
    counts = Counter(verdict for ways in report.values() for verdict, _ in ways.values())
    print("  ".join(f"{word} {counts[word]}" for word in ("ok", "wrong", "refused", "not exported")))
    return int(counts["wrong"] > 0)


if __name__ == "__main__":
    sys.exit(main())
