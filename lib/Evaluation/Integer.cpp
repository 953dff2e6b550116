// Requantization of integer sums: attributes in the kernels' terms.
#include "Integer.h"

#include <algorithm>
#include <cmath>

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::evaluation;

std::optional<kernels::RoundMode> evaluation::roundModeOf(tpu::RoundMode mode) {
  switch (mode) {
  case tpu::RoundMode::HalfAwayFromZero:
    return kernels::RoundMode::HalfAway;
  case tpu::RoundMode::HalfUp:
    return kernels::RoundMode::HalfUp;
  case tpu::RoundMode::HalfDown:
    return kernels::RoundMode::HalfDown;
  case tpu::RoundMode::HalfToEven:
    return kernels::RoundMode::HalfEven;
  case tpu::RoundMode::TowardsZero:
    return kernels::RoundMode::TowardZero;
  case tpu::RoundMode::Up:
    return kernels::RoundMode::Up;
  case tpu::RoundMode::Down:
    return kernels::RoundMode::Down;
  case tpu::RoundMode::HalfToOdd:
  case tpu::RoundMode::HalfTowardsZero:
    break;
  }
  return std::nullopt;
}

ByteLimits evaluation::byteLimits(const top::Quantization &quantization, bool doRelu, double reluLimit) {
  ByteLimits limits{static_cast<int32_t>(quantization.low), static_cast<int32_t>(quantization.high)};
  if (!doRelu)
    return limits;
  limits.low = std::max(limits.low, static_cast<int32_t>(quantization.zeroPoint));
  if (reluLimit > 0) {
    const double high = kernels::roundReal(reluLimit / quantization.scale, kernels::RoundMode::HalfEven);
    limits.high = static_cast<int32_t>(
        std::clamp<double>(high + static_cast<double>(quantization.zeroPoint), limits.low, limits.high));
  }
  return limits;
}

decltype(kernels::Requantization::realLimits) evaluation::realLimits(bool doRelu, double reluLimit) {
  decltype(kernels::Requantization::realLimits) limits;
  if (doRelu) {
    limits.low = 0;
    if (reluLimit > 0)
      limits.high = static_cast<float>(reluLimit);
  }
  return limits;
}

// One number per channel of an attribute that has one for all or one for each; empty if one does not fit.
template <typename T> static std::vector<T> perChannel(std::optional<ArrayAttr> attribute, int64_t channels) {
  std::vector<T> values;
  if (!attribute || !*attribute)
    return values;
  for (Attribute value : *attribute)
    if constexpr (std::is_same_v<T, float>)
      values.push_back(static_cast<float>(cast<FloatAttr>(value).getValueAsDouble()));
    else if (const int64_t integer = cast<IntegerAttr>(value).getInt(); integer > INT32_MIN && integer <= INT32_MAX)
      values.push_back(static_cast<T>(integer));
    else
      return {};
  if (values.size() == 1)
    values.resize(channels, values[0]);
  if (static_cast<int64_t>(values.size()) != channels)
    values.clear();
  return values;
}

FailureOr<kernels::Requantization> evaluation::makeRequantization(const Call &call,
                                                                  const RequantizationAttributes &attributes,
                                                                  const Tensor &bias, int64_t channels) {
  std::optional<top::Quantization> quantization = call.resultQuantization();
  const bool toReal = !quantization && call.resultType() == ElementType::F32;
  if (toReal && attributes.mode != tpu::RequantMode::OnlyScale)
    return call.refuse("has a float result, which only quant_mode OnlyScale gives");
  if (!toReal && (!quantization || !isByteType(quantization->storage)))
    return call.refuse("has integer operands but a result that is neither f32 nor quantized to 8 bits");
  if (!bias.empty() && (bias.type() != ElementType::I32 || bias.elements() != channels))
    return call.refuse("needs a bias of " + Twine(channels) + " 32-bit integers");
  kernels::Requantization form;
  form.toReal = toReal;
  if (toReal) {
    form.realLimits = realLimits(attributes.doRelu, attributes.reluLimit);
  } else {
    form.zeroPoint = static_cast<int32_t>(quantization->zeroPoint);
    const ByteLimits limits = byteLimits(*quantization, attributes.doRelu, attributes.reluLimit);
    form.low = limits.low;
    form.high = limits.high;
  }
  const auto biasOf = [&](int64_t channel) { return bias.empty() ? 0 : bias.data<int32_t>()[channel]; };
  if (attributes.mode == tpu::RequantMode::OnlyScale) {
    form.scale = perChannel<float>(attributes.scales, channels);
    if (form.scale.empty())
      return call.refuse("needs out_scales, one for all or for each of " + Twine(channels) + " channels");
    for (int64_t c = 0; c < channels; ++c)
      form.offset.push_back(
          static_cast<float>(static_cast<double>(biasOf(c)) * static_cast<double>(form.scale[c]) + form.zeroPoint));
    return form;
  }
  if (attributes.mode != tpu::RequantMode::MultiplierShift)
    return call.refuse("has quant_mode " + tpu::stringifyRequantMode(attributes.mode) +
                       "; OnlyScale and MultiplierShift are supported");
  const std::optional<kernels::RoundMode> mode = roundModeOf(attributes.rounding);
  if (!mode)
    return call.refuse("has the rounding mode " + tpu::stringifyRoundMode(attributes.rounding) +
                       ", which the chip does not have");
  form.mode = *mode;
  form.multiplier = perChannel<int32_t>(attributes.multipliers, channels);
  form.shift = perChannel<int32_t>(attributes.shifts, channels);
  if (form.multiplier.empty() || form.shift.empty())
    return call.refuse("needs multipliers and shifts of 32 bits, one for all or for each of " + Twine(channels) +
                       " channels");
  for (int64_t c = 0; c < channels; ++c) {
    form.shift[c] = -form.shift[c];
    form.bias.push_back(biasOf(c));
  }
  return form;
}
