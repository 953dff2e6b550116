"""Optimizer steps of ONNX's training domain: plain arithmetic on parameters, gradients and their histories."""

from __future__ import annotations

import math
from collections.abc import Callable

from ...compose import Formula, Value
from ..call import Call, Tensor
from ..registry import OWN, onnx_op

DOMAIN = "ai.onnx.preview.training"

Step = Callable[[Call, Formula, Value, Value, list[Tensor]], list[Tensor]]
"""Called with the rate R, the step number T and the tensors of one parameter; gives its results."""


def _optimizer(op_type: str, histories: int, step: Step) -> None:
    """Inputs are R, T, then all parameters, all gradients, and every kind of history; results have the same order."""

    @onnx_op(op_type, domain=DOMAIN, data=OWN)
    def convert(call: Call) -> None:
        f, kinds = Formula(call), 2 + histories
        count, rest = divmod(len(call.node.inputs) - 2, kinds)
        if rest or not count or not all(call.is_float(index) for index in (0, *range(2, len(call.node.inputs)))):
            call.refuse(
                f"its {len(call.node.inputs)} inputs are not two scalars and {kinds} float tensors per parameter"
            )
        scalars = [call.x(index) if (value := call.scalar(index)) is None else value for index in (0, 1)]
        for place in range(count):
            operands = [call.x(2 + kind * count + place) for kind in range(kinds)]
            for kind, result in enumerate(step(call, f, scalars[0], scalars[1], operands)):
                call.bind(result, kind * count + place)


def _decayed(call: Call, f: Formula, x: Tensor, gradient: Tensor) -> Tensor:
    """The gradient of the loss with its squared norm."""
    factor = float(call.attr("norm_coefficient", 0.0))
    return f.add(f.mul(x, factor), gradient) if factor else gradient


def _momentum(call: Call, f: Formula, rate: Value, count: Value, operands: list[Tensor]) -> list[Tensor]:
    x, gradient, history = operands
    alpha, beta = float(call.attr("alpha", 0.0)), float(call.attr("beta", 0.0))
    gradient = _decayed(call, f, x, gradient)
    later = f.compare("Greater", count, 0.0) if isinstance(count, Tensor) else float(count > 0)
    share = f.add(f.mul(later, beta - 1), 1.0) if isinstance(later, Tensor) else (beta if later else 1.0)
    history = f.add(f.mul(history, alpha), f.mul(gradient, share))
    mode = call.attr("mode", "standard")
    if mode not in ("standard", "nesterov"):
        call.refuse(f"its attribute mode = '{mode}' is not known")
    direction = history if mode == "standard" else f.add(gradient, f.mul(history, alpha))
    return [f.sub(x, f.mul(direction, rate)), history]


def _adagrad(call: Call, f: Formula, rate: Value, count: Value, operands: list[Tensor]) -> list[Tensor]:
    x, gradient, history = operands
    decay, epsilon = float(call.attr("decay_factor", 0.0)), float(call.attr("epsilon", 1e-6))
    gradient = _decayed(call, f, x, gradient)
    history = f.add(history, f.mul(gradient, gradient))
    slowed: Value = rate
    if decay:
        slowed = (
            f.div(rate, f.add(f.mul(count, decay), 1.0)) if isinstance(count, Tensor) else _over(f, rate, count, decay)
        )
    step = f.div(gradient, f.add(f.unary("Sqrt", history), epsilon))
    return [f.sub(x, f.mul(step, slowed)), history]


def _over(f: Formula, rate: Value, count: float, decay: float) -> Value:
    divisor = 1 + count * decay
    return f.mul(rate, 1 / divisor) if isinstance(rate, Tensor) else rate / divisor


def _adam(call: Call, f: Formula, rate: Value, count: Value, operands: list[Tensor]) -> list[Tensor]:
    x, gradient, mean, square = operands
    alpha, beta = float(call.attr("alpha", 0.9)), float(call.attr("beta", 0.999))
    epsilon, after = float(call.attr("epsilon", 1e-6)), float(call.attr("norm_coefficient_post", 0.0))
    gradient = _decayed(call, f, x, gradient)
    mean = f.add(f.mul(mean, alpha), f.mul(gradient, 1 - alpha))
    square = f.add(f.mul(square, beta), f.mul(f.mul(gradient, gradient), 1 - beta))
    step = f.div(mean, f.add(f.unary("Sqrt", square), epsilon))
    changed = f.sub(x, f.mul(step, _corrected(call, f, rate, count, alpha, beta)))
    return [f.mul(changed, 1 - after), mean, square]


def _corrected(call: Call, f: Formula, rate: Value, count: Value, alpha: float, beta: float) -> Value:
    """The rate times sqrt(1 - beta^T) / (1 - alpha^T), from the second step on."""
    if isinstance(count, Tensor):
        if not 0 < alpha < 1 or not 0 < beta < 1:
            call.refuse(f"its attributes alpha = {alpha}, beta = {beta} are not between 0 and 1")
        powers = [f.unary("Exp", f.mul(count, math.log(base))) for base in (alpha, beta)]
        ratio = f.div(f.unary("Sqrt", f.sub(1.0, powers[1])), f.sub(1.0, powers[0]))
        return f.mul(f.where(f.compare("Greater", count, 0.0), ratio, 1.0), rate)
    factor = (1 - beta**count) ** 0.5 / (1 - alpha**count) if count > 0 else 1.0
    return f.mul(rate, factor) if isinstance(rate, Tensor) else rate * factor


_optimizer("Momentum", 1, _momentum)
_optimizer("Adagrad", 1, _adagrad)
_optimizer("Adam", 2, _adam)
