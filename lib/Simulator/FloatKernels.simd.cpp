#include "FloatKernels.h"
#include "tpu_mlir/Kernels/Vector.h"

namespace tpu_mlir::sim::TPU_SIMD_NAMESPACE {
using namespace tpu_mlir::TPU_SIMD_NAMESPACE;
using kernels::Precision;

namespace {

/// The result of one arithmetic step: rounded to the precision, a NaN of a half type without sign.
template <Precision precision> inline FloatVector finish(FloatVector value) {
  if constexpr (precision == Precision::F32)
    return value;
  IntVector nan = isNaN(value);
  FloatVector rounded = roundTo<precision>(value);
  return nan ? (FloatVector)splat(0x7FFFFFFFu) : rounded;
}

/// f32: of two operands the first NaN goes through, made quiet. Said explicitly, because a compiler may exchange the
/// operands of a sum or product.
template <Precision precision> inline FloatVector finish(FloatVector value, FloatVector first, FloatVector second) {
  if constexpr (precision != Precision::F32)
    return finish<precision>(value);
  auto quiet = [](FloatVector nan) { return (FloatVector)((UIntVector)nan | 0x400000u); };
  FloatVector other = isNaN(second) ? quiet(second) : value;
  return isNaN(first) ? quiet(first) : other;
}

template <Precision precision> inline FloatVector operand(FloatVector value) {
  return precision == Precision::F16 ? value : flushDenormals(value);
}

inline FloatVector rootStep(FloatVector x, int steps) {
  IntVector bits = (IntVector)x;
  FloatVector y = flushDenormals((FloatVector)(0x5F3759DF - (bits >> 1)));
  FloatVector half = x * splat(0.5f);
  for (int i = 0; i < steps; ++i)
    y = y * (splat(1.5f) - (half * y) * y);
  return y;
}

inline FloatVector divide(FloatVector a, FloatVector b, int steps) {
  UIntVector sign = (UIntVector)b & 0x80000000u;
  FloatVector root = rootStep((FloatVector)((UIntVector)b & 0x7FFFFFFFu), steps), square = root * root;
  FloatVector numerator = (FloatVector)((UIntVector)a ^ sign);
  return finish<Precision::F32>(square * numerator, square, numerator);
}

template <FloatOp op, Precision precision>
inline FloatVector apply(FloatVector a, FloatVector b, FloatVector old, int steps) {
  if constexpr (op == FloatOp::Add)
    return finish<precision>(a + b, a, b);
  else if constexpr (op == FloatOp::Sub)
    return finish<precision>(a - b, a, b);
  else if constexpr (op == FloatOp::Mul)
    return finish<precision>(a * b, a, b);
  else if constexpr (op == FloatOp::Div)
    return divide(a, b, steps);
  else if constexpr (op == FloatOp::MultiplyAdd) {
    FloatVector product = finish<precision>(a * b, a, b);
    return finish<precision>(old + product, product, old);
  } else if constexpr (op == FloatOp::SquareSum) {
    FloatVector sum = finish<precision>(a + b, a, b);
    return finish<precision>(sum * sum);
  } else if constexpr (op == FloatOp::SquareDiff) {
    FloatVector difference = finish<precision>(a - b, a, b);
    return finish<precision>(difference * difference);
  } else if constexpr (op == FloatOp::AbsDiff) {
    FloatVector difference = finish<precision>(b - a, b, a);
    if constexpr (precision == Precision::F32)
      return difference < splat(0.0f) ? -difference : difference;
    return a > b ? finish<precision>(a - b) : difference;
  } else {
    a = operand<precision>(a), b = operand<precision>(b);
    if constexpr (op == FloatOp::Max)
      return finish<precision>(a > b ? a : b);
    else
      return finish<precision>(a >= b ? b : a);
  }
}

template <FloatOp op, Precision precision>
void combineLoop(int steps, const float *a, const float *b, float *out, int64_t count) {
  int64_t i = 0;
  for (; i + lanesPerVector <= count; i += lanesPerVector)
    storeVector(out + i, apply<op, precision>(loadVector<FloatVector>(a + i), loadVector<FloatVector>(b + i),
                                              loadVector<FloatVector>(out + i), steps));
  if (i < count) {
    float tailA[lanesPerVector] = {}, tailB[lanesPerVector] = {}, tail[lanesPerVector] = {};
    size_t bytes = (count - i) * sizeof(float);
    std::memcpy(tailA, a + i, bytes), std::memcpy(tailB, b + i, bytes), std::memcpy(tail, out + i, bytes);
    storeVector(tail, apply<op, precision>(loadVector<FloatVector>(tailA), loadVector<FloatVector>(tailB),
                                           loadVector<FloatVector>(tail), steps));
    std::memcpy(out + i, tail, bytes);
  }
}

template <FloatOp op>
void combineAny(Precision precision, int steps, const float *a, const float *b, float *out, int64_t count) {
  switch (precision) {
  case Precision::F16:
    return combineLoop<op, Precision::F16>(steps, a, b, out, count);
  case Precision::BF16:
    return combineLoop<op, Precision::BF16>(steps, a, b, out, count);
  default:
    return combineLoop<op, Precision::F32>(steps, a, b, out, count);
  }
}

template <Precision precision>
void polynomialLoop(const float *x, const float *coefficients, int64_t n, float *out, int64_t count) {
  forVectors(x, out, count, [&](const float *from, float *to) {
    FloatVector value = loadVector<FloatVector>(from);
    // By bits: adding the value to a zero vector would lose the sign of −0.
    auto coefficient = [&](int64_t k) {
      uint32_t bits;
      std::memcpy(&bits, coefficients + k, sizeof bits);
      return splatBits(bits);
    };
    FloatVector y = coefficient(n - 1);
    for (int64_t k = n - 2; k >= 0; --k)
      y = finish<precision>(finish<precision>(y * value) + coefficient(k));
    storeVector(to, y);
  });
}

template <typename Vector, typename T> inline Vector loadStrided(const T *from, int stride) {
  if (stride == 1)
    return loadVector<Vector>(from);
  Vector value;
  for (int i = 0; i < lanesPerVector; ++i)
    value[i] = from[i * stride];
  return value;
}

template <typename T> inline void storePart(T *to, const void *vector, int64_t count) {
  std::memcpy(to, vector, (count < lanesPerVector ? count : lanesPerVector) * sizeof(T));
}

/// The results of one vector of windows. `ordered`: with the payloads of NaN as the chip's simulator has them.
template <Precision precision, bool ordered>
inline FloatVector depthwiseVector(const Window &w, const float *origin, const float *taps, uint32_t start0,
                                   uint32_t start1, bool oddFirst) {
  auto result = [](FloatVector value, FloatVector first, FloatVector second) {
    if constexpr (ordered)
      return finish<precision>(value, first, second);
    else
      return finish<precision>(value);
  };
  FloatVector sum[2] = {splatBits(start0), splatBits(start1)};
  int tap = 0;
  for (int i = 0; i < w.kernelH; ++i)
    for (int j = 0; j < w.kernelW; ++j, ++tap) {
      FloatVector value = loadStrided<FloatVector>(origin + i * w.dilationY * w.pitch + j * w.dilationX, w.strideX);
      FloatVector product = result(value * taps[tap], value, FloatVector{} + taps[tap]);
      sum[tap & 1] = result(sum[tap & 1] + product, sum[tap & 1], product);
    }
  return result(sum[1] + sum[0], sum[oddFirst], sum[!oddFirst]);
}

template <Precision precision>
void depthwiseLoop(const Window &w, const float *padded, const float *taps, float start0, float start1, bool oddFirst,
                   float *out) {
  uint32_t bits0, bits1;
  std::memcpy(&bits0, &start0, 4), std::memcpy(&bits1, &start1, 4);
  for (int64_t y = 0; y < w.outHeight; ++y)
    for (int64_t x = 0; x < w.outWidth; x += lanesPerVector) {
      const float *origin = padded + y * w.strideY * w.pitch + x * w.strideX;
      FloatVector result = depthwiseVector<precision, false>(w, origin, taps, bits0, bits1, oddFirst);
      if constexpr (precision == Precision::F32)
        if (__builtin_expect(anyLane(isNaN(result)), 0))
          result = depthwiseVector<precision, true>(w, origin, taps, bits0, bits1, oddFirst);
      storePart(out + y * w.outWidth + x, &result, w.outWidth - x);
    }
}

} // namespace

void combineFloats(FloatOp op, Precision precision, int steps, const float *a, const float *b, float *out,
                   int64_t count) {
  using Loop = void (*)(Precision, int, const float *, const float *, float *, int64_t);
  constexpr Loop loops[] = {combineAny<FloatOp::Add>,       combineAny<FloatOp::Sub>,
                            combineAny<FloatOp::Mul>,       combineAny<FloatOp::Max>,
                            combineAny<FloatOp::Min>,       combineAny<FloatOp::AbsDiff>,
                            combineAny<FloatOp::Div>,       combineAny<FloatOp::MultiplyAdd>,
                            combineAny<FloatOp::SquareSum>, combineAny<FloatOp::SquareDiff>};
  loops[static_cast<int>(op)](precision, steps, a, b, out, count);
}

void polynomial(Precision precision, const float *x, const float *coefficients, int64_t n, float *out, int64_t count) {
  switch (precision) {
  case Precision::F16:
    return polynomialLoop<Precision::F16>(x, coefficients, n, out, count);
  case Precision::BF16:
    return polynomialLoop<Precision::BF16>(x, coefficients, n, out, count);
  default:
    return polynomialLoop<Precision::F32>(x, coefficients, n, out, count);
  }
}

void reciprocalRoot(int steps, const float *x, float *out, int64_t count) {
  forVectors(x, out, count, [steps](const float *from, float *to) {
    storeVector(to, rootStep(loadVector<FloatVector>(from), steps));
  });
}

void depthwiseFloat(Precision precision, const Window &window, const float *padded, const float *taps, float start0,
                    float start1, bool oddFirst, float *out) {
  switch (precision) {
  case Precision::F16:
    return depthwiseLoop<Precision::F16>(window, padded, taps, start0, start1, oddFirst, out);
  case Precision::BF16:
    return depthwiseLoop<Precision::BF16>(window, padded, taps, start0, start1, oddFirst, out);
  default:
    return depthwiseLoop<Precision::F32>(window, padded, taps, start0, start1, oddFirst, out);
  }
}

void maxFloats(const Window &w, const float *padded, float *out) {
  for (int64_t y = 0; y < w.outHeight; ++y)
    for (int64_t x = 0; x < w.outWidth; x += lanesPerVector) {
      FloatVector largest = splatBits(0xFF7FFFFF);
      const float *origin = padded + y * w.strideY * w.pitch + x * w.strideX;
      for (int i = 0; i < w.kernelH; ++i)
        for (int j = 0; j < w.kernelW; ++j) {
          FloatVector value = loadStrided<FloatVector>(origin + i * w.dilationY * w.pitch + j * w.dilationX, w.strideX);
          largest = largest > value ? largest : value;
        }
      largest = flushDenormals(largest);
      storePart(out + y * w.outWidth + x, &largest, w.outWidth - x);
    }
}

void maxHalves(Precision half, const Window &w, const int32_t *padded, int32_t *out) {
  bool bf16 = half == Precision::BF16;
  const int32_t infinity = bf16 ? 0x7F80 : 0x7C00, smallest = bf16 ? 0x80 : 0, lowest = bf16 ? 0xFF7F : 0xFBFF;
  // The order of numbers as integers; NaN get a place of the caller's choice.
  auto key = [&](IntVector bits, int32_t nanKey) {
    IntVector magnitude = bits & 0x7FFF;
    IntVector value = magnitude < smallest ? IntVector{} : magnitude;
    value = (bits & 0x8000) != 0 ? -value : value;
    return magnitude > infinity ? splat(nanKey) : value;
  };
  for (int64_t y = 0; y < w.outHeight; ++y)
    for (int64_t x = 0; x < w.outWidth; x += lanesPerVector) {
      IntVector largest = splat(lowest);
      const int32_t *origin = padded + y * w.strideY * w.pitch + x * w.strideX;
      for (int i = 0; i < w.kernelH; ++i)
        for (int j = 0; j < w.kernelW; ++j) {
          IntVector value = loadStrided<IntVector>(origin + i * w.dilationY * w.pitch + j * w.dilationX, w.strideX);
          largest = key(largest, INT32_MIN) > key(value, INT32_MAX) ? largest : value;
        }
      storePart(out + y * w.outWidth + x, &largest, w.outWidth - x);
    }
}

void depthwiseInt(const Window &w, const int32_t *padded, const int32_t *taps, int32_t *out) {
  for (int64_t y = 0; y < w.outHeight; ++y)
    for (int64_t x = 0; x < w.outWidth; x += lanesPerVector) {
      IntVector sum{};
      const int32_t *origin = padded + y * w.strideY * w.pitch + x * w.strideX;
      int tap = 0;
      for (int i = 0; i < w.kernelH; ++i)
        for (int j = 0; j < w.kernelW; ++j, ++tap)
          sum += loadStrided<IntVector>(origin + i * w.dilationY * w.pitch + j * w.dilationX, w.strideX) * taps[tap];
      storePart(out + y * w.outWidth + x, &sum, w.outWidth - x);
    }
}

void maxInts(const Window &w, const int32_t *padded, int32_t *out) {
  for (int64_t y = 0; y < w.outHeight; ++y)
    for (int64_t x = 0; x < w.outWidth; x += lanesPerVector) {
      const int32_t *origin = padded + y * w.strideY * w.pitch + x * w.strideX;
      IntVector largest = splat(INT32_MIN);
      for (int i = 0; i < w.kernelH; ++i)
        for (int j = 0; j < w.kernelW; ++j)
          largest =
              maxInt(largest, loadStrided<IntVector>(origin + i * w.dilationY * w.pitch + j * w.dilationX, w.strideX));
      storePart(out + y * w.outWidth + x, &largest, w.outWidth - x);
    }
}

} // namespace tpu_mlir::sim::TPU_SIMD_NAMESPACE
