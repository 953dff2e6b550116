// Packing of parameters; plain index arithmetic on bytes of elements.
#include "tpu_mlir/Target/BM1684X/WeightPacking.h"

#include <cstring>

using namespace tpu_mlir;
using namespace tpu_mlir::bm1684x;

namespace {
struct ConvShape {
  int64_t oc, ic, area;
};

/// Packs oc rows; `at(o, i, k)` is the element index in the source.
template <typename Index> Tensor packRows(const Tensor &source, ConvShape shape, Index at) {
  size_t item = byteSize(source.type());
  int64_t pack = convChannelPack(source.type()), row = packedConvRow(shape.ic, shape.area, source.type());
  Tensor packed(source.type(), {1, shape.oc, 1, row});
  uint8_t *to = packed.data<uint8_t>();
  const uint8_t *from = source.data<uint8_t>();
  std::memset(to, 0, packed.bytes());
  for (int64_t o = 0; o < shape.oc; ++o)
    for (int64_t i = 0; i < shape.ic; ++i)
      for (int64_t k = 0; k < shape.area; ++k) {
        int64_t target = o * row + (i / pack * shape.area + k) * pack + i % pack;
        std::memcpy(to + target * item, from + at(o, i, k) * item, item);
      }
  return packed;
}

int64_t areaOf(const Tensor &weights) {
  int64_t area = 1;
  for (int64_t axis = 2; axis < weights.rank(); ++axis)
    area *= weights.dim(axis);
  return area;
}
} // namespace

Tensor bm1684x::packConvWeights(const Tensor &weights) {
  ConvShape s{weights.dim(0), weights.dim(1), areaOf(weights)};
  return packRows(weights, s, [s](int64_t o, int64_t i, int64_t k) { return (o * s.ic + i) * s.area + k; });
}

Tensor bm1684x::packDeconvWeights(const Tensor &weights, int64_t group) {
  int64_t ocPerGroup = weights.dim(0), allIc = weights.dim(1);
  ConvShape s{ocPerGroup * group, allIc / group, areaOf(weights)};
  return packRows(weights, s, [=](int64_t o, int64_t i, int64_t k) {
    return (o % ocPerGroup * allIc + o / ocPerGroup * s.ic + i) * s.area + k;
  });
}

Tensor bm1684x::packConvWeightsByRow(const Tensor &weights) {
  int64_t ic = weights.dim(1), kh = weights.dim(2), kw = weights.dim(3);
  ConvShape s{weights.dim(0), ic * kh, kw};
  // Channel y * ic + i of the packed form is kernel row y of channel i.
  return packRows(weights, s,
                  [=](int64_t o, int64_t c, int64_t k) { return ((o * ic + c % ic) * kh + c / ic) * kw + k; });
}

Tensor bm1684x::packPerChannel(const Tensor &values, int64_t groups, int64_t perChannel) {
  size_t bytes = byteSize(values.type()) * perChannel;
  int64_t channels = values.elements() / groups / perChannel, lanes = packedLanes(channels);
  int64_t slots = packedSlots(channels);
  Tensor packed(values.type(), {groups, lanes, 1, slots * perChannel});
  uint8_t *to = packed.data<uint8_t>();
  const uint8_t *from = values.data<uint8_t>();
  std::memset(to, 0, packed.bytes());
  for (int64_t g = 0; g < groups; ++g)
    for (int64_t c = 0; c < channels; ++c)
      std::memcpy(to + ((g * lanes + c % numLanes) * slots + c / numLanes) * bytes, from + (g * channels + c) * bytes,
                  bytes);
  return packed;
}
