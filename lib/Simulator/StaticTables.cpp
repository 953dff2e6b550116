// Every table but one follows from a formula, evaluated in double and rounded to f32 (halves: then to the half type);
// test/unit/Simulator compares them with the words that the vendor's loader writes.
#include "StaticTables.h"
#include "tpu_mlir/Kernels/Numerics.h"

#include <cmath>
#include <cstring>
#include <functional>
#include <numbers>

using namespace tpu_mlir::kernels;

namespace {

using Formula = std::function<double(int)>;
constexpr double pi = std::numbers::pi;

double factorial(int n) { return std::tgamma(n + 1.0); }
double alternating(int k) { return k % 2 ? -1 : 1; }

/// Riemann's zeta at an even number of at least 2.
double zeta(int s) {
  if (s == 2)
    return pi * pi / 6;
  if (s == 4)
    return pi * pi * pi * pi / 90;
  double sum = 0;
  for (int n = 2000; n >= 1; --n)
    sum += std::pow(n, -s);
  return sum;
}

void putFloats(uint8_t *memory, int offset, int count, const Formula &formula) {
  for (int k = 0; k < count; ++k) {
    auto value = static_cast<float>(formula(k));
    std::memcpy(memory + offset + 4 * k, &value, 4);
  }
}

/// The first 16 coefficients in f16 at `offset` and in bf16 in the 64-byte slot behind it.
void putHalves(uint8_t *memory, int offset, const Formula &formula) {
  for (int k = 0; k < 16; ++k) {
    auto value = static_cast<float>(formula(k));
    uint16_t f16 = floatToHalf(Precision::F16, value), bf16 = floatToHalf(Precision::BF16, value);
    std::memcpy(memory + offset + 2 * k, &f16, 2);
    std::memcpy(memory + offset + 64 + 2 * k, &bf16, 2);
  }
}

} // namespace

void tpu_mlir::sim::fillStaticTables(uint8_t *memory) {
  // Coefficients of P in erf(x) = 1 − t·exp(P(t) − x²), t = 1/(1 + |x|/2): a fit, no formula.
  constexpr uint32_t erf[] = {0xBFA1FC4E, 0x3F8000C7, 0x3EBF88FB, 0x3DC636C9, 0xBE3EC24C,
                              0x3E8EC7CC, 0xBF914E5D, 0x3FBE87B0, 0xBF527892, 0x3E2EF945};
  Formula exponential = [](int k) { return 1 / factorial(k); };
  Formula logarithm = [](int k) { return k ? -alternating(k) / k : 0; };
  Formula sine = [](int k) { return alternating(k) * std::pow(2 * pi, 2 * k + 1) / factorial(2 * k + 1); };
  Formula cosine = [](int k) { return alternating(k) * std::pow(2 * pi, 2 * k) / factorial(2 * k); };
  putFloats(memory, 0x000, 192, [](int i) { return std::exp(i - 103.0); });
  putFloats(memory, 0x400, 32, exponential);
  putFloats(memory, 0x480, 64, logarithm);
  std::memcpy(memory + 0x580, erf, sizeof erf);
  for (int32_t i = 0; i < 64; ++i)
    std::memcpy(memory + 0x5C0 + 4 * i, &i, 4);
  putFloats(memory, 0x6C0, 32, sine);
  putFloats(memory, 0x740, 32, cosine);
  putFloats(memory, 0x7C0, 64, [](int k) { // arcsin(s)/s in powers of s²
    return std::exp(std::lgamma(2 * k + 1.0) - k * std::log(4.0) - 2 * std::lgamma(k + 1.0)) / (2 * k + 1);
  });
  putFloats(memory, 0x8C0, 32, [](int k) { // tan(πd)/d in powers of d²
    return 2 * zeta(2 * k + 2) * (std::pow(4.0, k + 1) - 1) / pi;
  });
  putHalves(memory, 0x940, exponential);
  putHalves(memory, 0x9C0, logarithm);
  putHalves(memory, 0xA40, sine);
  putHalves(memory, 0xAC0, cosine);
  putFloats(memory, 0xB40, 32, [](int k) { return alternating(k) / (2 * k + 1); });
}
