// Element by element: activations, arithmetic of two operands with broadcasting, limits. All in f32, on all threads.
#pragma once
#include "tpu_mlir/Kernels/Convolution.h"

#include <cstdint>
#include <span>

namespace tpu_mlir::kernels {

using ShapeView = std::span<const int64_t>;

/// out = function(in). In and out may be the same array. NaN gives NaN (IsFinite: 0).
enum class Function : uint8_t {
  Abs,
  Arccos,
  Arccosh,
  Arcsin,
  Arcsinh,
  Arctanh,
  Ceil,
  Cos,
  Cosh,
  Elu, ///< x > 0 ? x : alpha · (e^x − 1)
  Erf,
  Exp,
  Floor,
  Gelu,        ///< x · (1 + erf(x / √2)) / 2
  GeluTanh,    ///< x · (1 + tanh(√(2/π) · (x + 0.044715 x³))) / 2
  GeluSigmoid, ///< x · sigmoid(1.702 x)
  HardSigmoid, ///< clamp(alpha · x + beta, 0, 1)
  HardSwish,   ///< x · clamp(x / 6 + 1/2, 0, 1)
  IsFinite,    ///< 1 for a finite x, else 0
  LeakyRelu,   ///< x > 0 ? x : alpha · x
  Log,
  Log2,
  LogSigmoid,
  Mish,       ///< x · tanh(softplus(x))
  Reciprocal, ///< alpha / x
  Round,      ///< halves to even
  Rsqrt,
  Sigmoid, ///< alpha / (1 + e^−x) + beta
  Sign,
  Silu, ///< x · sigmoid(x)
  Sin,
  Sinh,
  Softplus, ///< log(1 + e^x)
  Softsign, ///< x / (1 + |x|)
  Sqrt,
  Square,
  Swish, ///< x · sigmoid(alpha · x)
  Tan,
  Tanh,
};

struct Coefficients {
  float alpha = 1, beta = 0;
  bool shortSigmoid = false; ///< the logistic function in the form of ShortSigmoid.h
};
void apply(Function function, const float *in, float *out, int64_t count, Coefficients coefficients = {});

/// out = in limited; NaN stays.
void limit(const float *in, float *out, int64_t count, const Limits &limits);

enum class Arithmetic : uint8_t {
  Add,      ///< a + b
  Subtract, ///< a − b
  Multiply,
  Divide,
  Max, ///< a > b ? a : b, as the chip: a NaN in a or b gives b
  Min, ///< a >= b ? b : a
};

/// Broadcasting as in NumPy: the shapes are aligned at their ends, extents of 1 repeat. `outShape` is what comes out;
/// the caller has checked that it fits. `out` may be an operand of the same shape.
void combine(Arithmetic arithmetic, const float *a, ShapeView aShape, const float *b, ShapeView bShape, float *out,
             ShapeView outShape);

/// out = in · factor + addend, two roundings.
void multiplyAdd(const float *in, float *out, int64_t count, float factor, float addend);

/// out[outer, channel, inner] = in · scale[channel] + bias[channel] (null: 0), limited; two roundings.
void scaleChannels(const float *in, float *out, int64_t outer, int64_t channels, int64_t inner, const float *scale,
                   const float *bias, const Limits &limits = {});

} // namespace tpu_mlir::kernels
