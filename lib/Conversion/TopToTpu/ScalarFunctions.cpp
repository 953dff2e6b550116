// The functions of tpu.Active in double precision, for the tables of 8-bit networks.
#include "ScalarFunctions.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

using namespace tpu_mlir;
using tpu::ActiveMode;

static double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

/// ln(1 + e^x) without overflow.
static double softplus(double x) { return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x))); }

static double geluTanh(double x) {
  return x * sigmoid(2 * std::sqrt(2 / std::numbers::pi) * (x + 0.044715 * x * x * x));
}

/// Functions with coefficients, piecewise ones and compositions.
static double evaluateComposed(ActiveMode mode, llvm::ArrayRef<double> coefficients, double x) {
  switch (mode) {
  case ActiveMode::RELU:
    return std::max(x, 0.0);
  case ActiveMode::ELU:
    return x > 0 ? x : coefficients[0] * std::expm1(x);
  case ActiveMode::HSIGMOID:
    return std::clamp(coefficients[1] * x + coefficients[0], 0.0, 1.0);
  case ActiveMode::HSWISH:
    return x * std::clamp(x / 6 + 0.5, 0.0, 1.0);
  case ActiveMode::SIGMOID:
    return sigmoid(x);
  case ActiveMode::LOG_SIGMOID:
    return -softplus(-x);
  case ActiveMode::SILU:
    return x * sigmoid(x);
  case ActiveMode::SWISH:
    return x * sigmoid(coefficients.empty() ? x : coefficients[0] * x);
  case ActiveMode::MISH:
    return x * std::tanh(softplus(x));
  case ActiveMode::GELU:
    return x * 0.5 * std::erfc(-x / std::numbers::sqrt2);
  case ActiveMode::TGELU:
    return geluTanh(x);
  case ActiveMode::QGELU:
    return x * sigmoid(1.702 * x);
  case ActiveMode::SOFT_PLUS:
    return softplus(x);
  case ActiveMode::SOFT_SIGN:
    return x / (1 + std::abs(x));
  default:
    return std::numeric_limits<double>::quiet_NaN();
  }
}

double tpu_mlir::evaluateActive(ActiveMode mode, llvm::ArrayRef<double> coefficients, double x) {
  switch (mode) {
  case ActiveMode::TANH:
    return std::tanh(x);
  case ActiveMode::EXP:
    return std::exp(x);
  case ActiveMode::SQRT:
    return std::sqrt(x);
  case ActiveMode::SQUARE:
    return x * x;
  case ActiveMode::RSQRT:
    return 1 / std::sqrt(x);
  case ActiveMode::ABSVAL:
    return std::abs(x);
  case ActiveMode::LN:
    return std::log(x);
  case ActiveMode::LOG2:
    return std::log2(x);
  case ActiveMode::ROUND:
    return std::nearbyint(x);
  case ActiveMode::CEIL:
    return std::ceil(x);
  case ActiveMode::FLOOR:
    return std::floor(x);
  case ActiveMode::SIN:
    return std::sin(x);
  case ActiveMode::COS:
    return std::cos(x);
  case ActiveMode::TAN:
    return std::tan(x);
  case ActiveMode::IS_FINITE:
    return std::isfinite(x) ? 1 : 0;
  case ActiveMode::ARCSIN:
    return std::asin(x);
  case ActiveMode::ARCCOS:
    return std::acos(x);
  case ActiveMode::ARCSINH:
    return std::asinh(x);
  case ActiveMode::ARCCOSH:
    return std::acosh(x);
  case ActiveMode::ARCTANH:
    return std::atanh(x);
  case ActiveMode::SINH:
    return std::sinh(x);
  case ActiveMode::COSH:
    return std::cosh(x);
  case ActiveMode::SIGN:
    return x > 0 ? 1 : x < 0 ? -1 : 0;
  case ActiveMode::ERF:
    return std::erf(x);
  default:
    return evaluateComposed(mode, coefficients, x);
  }
}
