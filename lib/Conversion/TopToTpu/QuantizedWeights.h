// Weights in 8 bits: scales per channel, biases as 32-bit integers, factors of the rescaling of results.
#pragma once
#include "Lowering.h"

#include <vector>

namespace tpu_mlir {

/// The integer of a value, ties away from zero, saturated.
int64_t quantizeValue(double value, const top::Quantization &quantization);

/// Whether the value is a weight with scales of its own (from a network that was quantized before).
bool isQuantizedWeight(mlir::Value value);
/// The f32 values of a weight of any float type, or of integers with scales.
llvm::FailureOr<Tensor> readFloatWeight(top::WeightOp weight, Lowering &l);

/// Where the channels of a weight lie: element (o, c, i) is at (o * channels + c) * inner + i. With `groups` (and one
/// outer position) channel g * n + c of n in a group is at (c * groups + g) * inner, as filters of transposed
/// convolutions have it.
struct ChannelLayout {
  int64_t outer = 1, channels = 1, inner = 1, groups = 1;

  int64_t perGroup() const { return channels / groups; }
};

/// A constant operand of a product of integers, with its bias, ready to be rescaled to the result.
struct IntegerProduct {
  Tensor weight;                   // I8, in the shape of the weight
  std::vector<int64_t> bias;       // per channel, takes the input's zero point off; may be all zero
  std::vector<double> outputScale; // per channel, each an f32 number: from the accumulator to the result
  bool hasBias() const;
  /// The bias as I32 tensor of the shape.
  Tensor biasTensor(std::vector<int64_t> shape) const;
};

/// Quantizes `weight` symmetrically per channel of `layout` (with the weight's own scales if it has them) and `bias`
/// (a weight or none) in units of input scale x weight scale. A channel's scale is widened where its bias would exceed
/// 30 bits. Fails with a diagnostic where values cannot be read or are not finite.
llvm::FailureOr<IntegerProduct> quantizeProduct(Lowering &l, mlir::Value weight, mlir::Value bias,
                                                const ChannelLayout &layout, const top::Quantization &input,
                                                const top::Quantization &output);

/// How many products an accumulator can sum up together with its bias.
inline constexpr int64_t maxAccumulated = (int64_t{1} << 30) / (255 * 127);

/// Sets quant_mode and the attributes of the rescaling: `out_scales`, or multipliers and shifts under the given names.
void setRescaling(Lowering &l, mlir::NamedAttrList &attrs, llvm::ArrayRef<double> scales, llvm::StringRef multipliers,
                  llvm::StringRef shifts, tpu::RoundMode rounding);

/// Takes a fused rectifier's limit away where saturation of the result in `output` does its work.
void foldReluLimit(mlir::NamedAttrList &attrs, const top::Quantization &output);

} // namespace tpu_mlir
