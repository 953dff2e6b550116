// Records of requantization from the attributes of an op.
#include "RequantRecords.h"

#include "tpu_mlir/Dialect/Top/IR/Quantization.h"
#include "tpu_mlir/Dialect/Top/IR/TopUtils.h"
#include "tpu_mlir/Dialect/Top/IR/Weights.h"

using namespace mlir;
using namespace tpu_mlir;

namespace {
/// The bias per channel; zeros when there is none, one value for all when it has one.
FailureOr<std::vector<int32_t>> biasOf(Operation *op, Value bias, int64_t channels) {
  std::vector<int32_t> values(static_cast<size_t>(channels), 0);
  if (top::isNone(bias))
    return values;
  auto weight = top::weightOf(bias);
  if (!weight)
    return op->emitOpError("has a computed bias, which cannot be packed"), failure();
  FailureOr<Tensor> read = top::readWeight(weight);
  if (failed(read))
    return failure();
  int64_t count = read->elements();
  if (read->type() != ElementType::I32 || (count != channels && count != 1))
    return op->emitOpError() << "needs a bias of " << channels << " 32-bit integers", failure();
  for (int64_t c = 0; c < channels; ++c)
    values[static_cast<size_t>(c)] = read->data<int32_t>()[count == 1 ? 0 : c];
  return values;
}

bool fitsChannels(size_t count, int64_t channels) { return count == 1 || count == static_cast<size_t>(channels); }
} // namespace

FailureOr<Tensor> bm1684x::requantRecords(Operation *op, Value bias, const RequantFactors &factors, int64_t groups,
                                          int64_t channels) {
  auto quantization = top::quantizationOf(op->getResult(0));
  FailureOr<std::vector<int32_t>> biases = biasOf(op, bias, channels);
  if (failed(biases))
    return failure();
  auto refuse = [&](StringRef text) {
    return op->emitOpError() << "'" << top::nameOf(op->getResult(0)) << "': " << text;
  };
  int64_t zeroPoint = quantization ? quantization->zeroPoint : 0;
  int64_t perGroup = channels / groups;
  bool isFloat = factors.mode == tpu::RequantMode::OnlyScale;
  if (!isFloat && factors.mode != tpu::RequantMode::MultiplierShift)
    return refuse("quant_mode has to be OnlyScale or MultiplierShift on bm1684x"), failure();
  int64_t words = isFloat ? 2 : 4;
  Tensor records(isFloat ? ElementType::F32 : ElementType::I32, {groups, words, 1, perGroup});
  auto at = [&](int64_t channel, int64_t word) {
    return (channel / perGroup * words + word) * perGroup + channel % perGroup;
  };
  if (isFloat) {
    ArrayRef<Attribute> scales = factors.scales ? factors.scales->getValue() : ArrayRef<Attribute>();
    if (!fitsChannels(scales.size(), channels))
      return refuse("out_scales needs one value, or one per channel"), failure();
    for (int64_t c = 0; c < channels; ++c) {
      auto value = dyn_cast<FloatAttr>(scales[scales.size() == 1 ? 0 : static_cast<size_t>(c)]);
      float scale = value ? static_cast<float>(value.getValueAsDouble()) : 0.0f;
      records.data<float>()[at(c, 0)] = scale;
      records.data<float>()[at(c, 1)] =
          static_cast<float>(static_cast<double>((*biases)[static_cast<size_t>(c)]) * static_cast<double>(scale) +
                             static_cast<double>(zeroPoint));
    }
    return records;
  }
  if (!fitsChannels(factors.multipliers.size(), channels) || !fitsChannels(factors.shifts.size(), channels))
    return refuse("multipliers and shifts need one value, or one per channel"), failure();
  auto pick = [](ArrayRef<int64_t> values, int64_t c) {
    return static_cast<int32_t>(values[values.size() == 1 ? 0 : static_cast<size_t>(c)]);
  };
  for (int64_t c = 0; c < channels; ++c) {
    int32_t *out = records.data<int32_t>();
    out[at(c, 0)] = pick(factors.multipliers, c);
    out[at(c, 1)] = -pick(factors.shifts, c);
    out[at(c, 2)] = static_cast<int32_t>(zeroPoint);
    out[at(c, 3)] = (*biases)[static_cast<size_t>(c)];
  }
  return records;
}
