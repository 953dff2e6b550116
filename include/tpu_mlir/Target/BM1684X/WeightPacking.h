// How parameters lie in global memory so that one long move brings them to the lanes as the instructions want them. The
// weight-reorder pass packs, code generation loads; both take the layout from here.
#pragma once
#include "tpu_mlir/Support/Tensor.h"
#include "tpu_mlir/Target/BM1684X/Machine.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/STLExtras.h"

namespace tpu_mlir::bm1684x {

/// Elements of one output channel of packed convolution weights: [ic chunk][kh][kw][ic in chunk].
constexpr int64_t packedConvRow(int64_t ic, int64_t kernelArea, ElementType type) {
  return alignUp(ic, convChannelPack(type)) * kernelArea;
}

/// [oc, ic, kh, kw] to [1, oc, 1, packedConvRow]; the last chunk is filled with zeros.
Tensor packConvWeights(const Tensor &weights);

/// The same of a deconvolution's [oc / group, ic, kh, kw]; the result has all `oc` rows, each with ic / group channels.
Tensor packDeconvWeights(const Tensor &weights, int64_t group);

/// Weights for a convolution whose input channels are (kernel row, channel) pairs, so that few channels fill a chunk
/// better: [oc, ic, kh, kw] is packed as [oc, kh * ic, 1, kw].
Tensor packConvWeightsByRow(const Tensor &weights);

/// Per-channel values, `perChannel` for each of the channels of a group: from [groups][channels][perChannel] to
/// [groups, lanes, 1, slots * perChannel], where lane l holds the channels l, l + 64, l + 128 … one after the other.
Tensor packPerChannel(const Tensor &values, int64_t groups, int64_t perChannel);

/// Lanes and slots of per-channel values.
constexpr int64_t packedLanes(int64_t channels) { return channels < numLanes ? channels : numLanes; }
constexpr int64_t packedSlots(int64_t channels) { return ceilDiv(channels, numLanes); }

/// Whether packed weights of short rows are kept lane by lane, as per-channel values are (`packPerChannel`): what a
/// lane needs is then one run. Runs below 256 bytes cost as much as 256.
constexpr bool filterByLane(ElementType type, int64_t oc, int64_t rowElements) {
  return oc > numLanes && rowElements * static_cast<int64_t>(byteSize(type)) < 256;
}

/// Convolutions that the depthwise instruction computes: one channel in, one out per group.
constexpr bool isDepthwise(int64_t group, int64_t ic, int64_t oc) { return group > 1 && group == ic && group == oc; }
/// The same of deconvolutions; the instruction inserts at most 7 zeros.
inline bool isDepthwiseDeconv(int64_t group, int64_t ic, int64_t oc, llvm::ArrayRef<int64_t> strides) {
  return isDepthwise(group, ic, oc) && llvm::all_of(strides, [](int64_t stride) { return stride <= 8; });
}
/// Whether a convolution takes its input as (channel, kernel row) pairs. Worth it when few channels would leave most of
/// a chunk idle.
inline bool convByRow(ElementType type, int64_t ic, llvm::ArrayRef<int64_t> kernel, llvm::ArrayRef<int64_t> dilations,
                      llvm::ArrayRef<int64_t> strides) {
  return byteSize(type) < 4 && kernel.size() == 2 && kernel[0] > 1 && ic <= 8 &&
         ic * kernel[0] <= convChannelPack(type) && dilations[0] == 1 && strides[0] <= 15 && strides[1] <= 15;
}

} // namespace tpu_mlir::bm1684x
