#include "Elements.h"

#include <algorithm>
#include <cmath>
#include <cstring>

using namespace tpu_mlir;
using namespace tpu_mlir::sim;

namespace {

template <typename T>
void gatherTyped(const uint8_t *plane, const Region &region, int64_t begin, int64_t count, T *out) {
  int64_t width = region.shape[3], y = begin / width, x = begin % width;
  while (count > 0) {
    int64_t run = std::min(count, width - x), step = region.stride[3];
    const uint8_t *from = plane + sizeof(T) * (y * region.stride[2] + x * step);
    if (step == 1) {
      std::memcpy(out, from, run * sizeof(T));
    } else if (step == 0) {
      T value;
      std::memcpy(&value, from, sizeof value);
      std::fill_n(out, run, value);
    } else {
      for (int64_t i = 0; i < run; ++i)
        std::memcpy(out + i, from + i * step * sizeof(T), sizeof(T));
    }
    out += run, count -= run, x = 0, ++y;
  }
}

template <typename T>
void scatterTyped(uint8_t *plane, const Region &region, int64_t begin, int64_t count, const T *in) {
  int64_t width = region.shape[3], y = begin / width, x = begin % width;
  while (count > 0) {
    int64_t run = std::min(count, width - x), step = region.stride[3];
    uint8_t *to = plane + sizeof(T) * (y * region.stride[2] + x * step);
    if (step == 1)
      std::memcpy(to, in, run * sizeof(T));
    else
      for (int64_t i = 0; i < run; ++i)
        std::memcpy(to + i * step * sizeof(T), in + i, sizeof(T));
    in += run, count -= run, x = 0, ++y;
  }
}

template <typename From, typename To> void convert(const void *in, To *out, int64_t count) {
  for (int64_t i = 0; i < count; ++i) {
    From value;
    std::memcpy(&value, static_cast<const uint8_t *>(in) + i * sizeof(From), sizeof value);
    out[i] = static_cast<To>(value);
  }
}

template <typename To> void convertInts(const void *in, Precision precision, bool isSigned, To *out, int64_t count) {
  switch (kernels::bitWidth(precision)) {
  case 8:
    return isSigned ? convert<int8_t>(in, out, count) : convert<uint8_t>(in, out, count);
  case 16:
    return isSigned ? convert<int16_t>(in, out, count) : convert<uint16_t>(in, out, count);
  default:
    return isSigned ? convert<int32_t>(in, out, count) : convert<uint32_t>(in, out, count);
  }
}

} // namespace

int64_t sim::signExtend(uint32_t bits, Precision precision, bool isSigned) {
  int drop = 64 - kernels::bitWidth(precision);
  uint64_t top = static_cast<uint64_t>(bits) << drop;
  return isSigned ? static_cast<int64_t>(top) >> drop : static_cast<int64_t>(top >> drop);
}

float Operand::constantFloat() const {
  return precision == Precision::F32 ? kernels::floatOf(constant)
                                     : kernels::halfToFloat(precision, static_cast<uint16_t>(constant));
}
int64_t Operand::constantInt() const { return signExtend(constant, precision, isSigned); }

void sim::gatherElements(const uint8_t *base, const Region &region, int64_t n, int64_t c, int64_t begin, int64_t count,
                         void *out) {
  const uint8_t *plane = base + region.planeOffset(n, c);
  switch (region.elementBytes) {
  case 1:
    return gatherTyped(plane, region, begin, count, static_cast<uint8_t *>(out));
  case 2:
    return gatherTyped(plane, region, begin, count, static_cast<uint16_t *>(out));
  default:
    return gatherTyped(plane, region, begin, count, static_cast<uint32_t *>(out));
  }
}

void sim::scatterElements(uint8_t *base, const Region &region, int64_t n, int64_t c, int64_t begin, int64_t count,
                          const void *in) {
  uint8_t *plane = base + region.planeOffset(n, c);
  switch (region.elementBytes) {
  case 1:
    return scatterTyped(plane, region, begin, count, static_cast<const uint8_t *>(in));
  case 2:
    return scatterTyped(plane, region, begin, count, static_cast<const uint16_t *>(in));
  default:
    return scatterTyped(plane, region, begin, count, static_cast<const uint32_t *>(in));
  }
}

const void *PieceAccess::dense(const Operand &operand, const Piece &piece, void *scratch) const {
  const Region &region = op.reads[operand.read];
  const uint8_t *base = context.reads[operand.read];
  if (region.planeIsDense())
    return base + region.planeOffset(piece.n, piece.c) + piece.begin * region.elementBytes;
  gatherElements(base, region, piece.n, piece.c, piece.begin, piece.count, scratch);
  return scratch;
}

void PieceAccess::load(const Operand &operand, const Piece &piece, float *out) const {
  if (operand.isConstant) {
    std::fill_n(out, piece.count, operand.constantFloat());
    return;
  }
  alignas(64) uint32_t scratch[pieceElements];
  const void *from = dense(operand, piece, scratch);
  if (operand.precision == Precision::F32)
    std::memcpy(out, from, piece.count * sizeof(float));
  else
    kernels::convertHalfToF32(operand.precision, static_cast<const uint16_t *>(from), out, piece.count);
}

void PieceAccess::load(const Operand &operand, const Piece &piece, int64_t *out) const {
  if (operand.isConstant) {
    std::fill_n(out, piece.count, operand.constantInt());
    return;
  }
  alignas(64) uint32_t scratch[pieceElements];
  convertInts(dense(operand, piece, scratch), operand.precision, operand.isSigned, out, piece.count);
}

void PieceAccess::load(const Operand &operand, const Piece &piece, int32_t *out) const {
  if (operand.isConstant) {
    std::fill_n(out, piece.count, static_cast<int32_t>(operand.constantInt()));
    return;
  }
  alignas(64) uint32_t scratch[pieceElements];
  convertInts(dense(operand, piece, scratch), operand.precision, operand.isSigned, out, piece.count);
}

void PieceAccess::load(const Operand &operand, const Piece &piece, uint32_t *out) const {
  if (operand.isConstant) {
    uint32_t mask = static_cast<uint32_t>((uint64_t{1} << kernels::bitWidth(operand.precision)) - 1);
    std::fill_n(out, piece.count, operand.constant & mask);
    return;
  }
  alignas(64) uint32_t scratch[pieceElements];
  convertInts(dense(operand, piece, scratch), operand.precision, false, out, piece.count);
}

uint32_t PieceAccess::channelBits(const Operand &operand, int64_t c) const {
  uint32_t bits = 0;
  load(operand, {0, c, 0, 1}, &bits);
  return bits;
}

void PieceAccess::store(int write, Precision precision, const Piece &piece, const float *values) const {
  const Region &region = op.writes[write];
  uint8_t *base = context.writes[write];
  if (precision == Precision::F32)
    return scatterElements(base, region, piece.n, piece.c, piece.begin, piece.count, values);
  uint16_t halves[pieceElements];
  kernels::convertF32ToHalf(precision, values, halves, piece.count);
  scatterElements(base, region, piece.n, piece.c, piece.begin, piece.count, halves);
}

void PieceAccess::storeHalves(int write, Precision half, const Piece &piece, const float *values,
                              const uint32_t *nanBits) const {
  uint16_t halves[pieceElements];
  uint32_t bits[pieceElements];
  kernels::convertF32ToHalf(half, values, halves, piece.count);
  for (int64_t i = 0; i < piece.count; ++i)
    bits[i] = std::isnan(values[i]) ? nanBits[i] : halves[i];
  store(write, half, piece, bits);
}

namespace {
template <typename T>
void storeInts(const Operation &op, const Context &context, int write, Precision precision, const Piece &piece,
               const T *values) {
  const Region &region = op.writes[write];
  uint8_t *base = context.writes[write];
  auto put = [&](auto *narrow) {
    for (int64_t i = 0; i < piece.count; ++i)
      narrow[i] = static_cast<std::remove_reference_t<decltype(*narrow)>>(values[i]);
    scatterElements(base, region, piece.n, piece.c, piece.begin, piece.count, narrow);
  };
  switch (kernels::bitWidth(precision)) {
  case 8: {
    uint8_t bytes[pieceElements];
    return put(bytes);
  }
  case 16: {
    uint16_t halves[pieceElements];
    return put(halves);
  }
  default: {
    uint32_t words[pieceElements];
    return put(words);
  }
  }
}
} // namespace

void PieceAccess::store(int write, Precision precision, const Piece &piece, const int64_t *values) const {
  storeInts(op, context, write, precision, piece, values);
}
void PieceAccess::store(int write, Precision precision, const Piece &piece, const int32_t *values) const {
  storeInts(op, context, write, precision, piece, values);
}
void PieceAccess::store(int write, Precision precision, const Piece &piece, const uint32_t *values) const {
  storeInts(op, context, write, precision, piece, values);
}

void sim::forEachPiece(const Shape &shape, llvm::function_ref<void(const Piece &)> body) {
  int64_t plane = shape[2] * shape[3], perPlane = (plane + pieceElements - 1) / pieceElements;
  int64_t grain = std::max<int64_t>(1, 16 * pieceElements / std::min(plane, pieceElements));
  parallelFor(shape[0] * shape[1] * perPlane, grain, [&](int64_t begin, int64_t end) {
    kernels::FlushDenormals scope;
    for (int64_t i = begin; i < end; ++i) {
      int64_t channel = i / perPlane, start = i % perPlane * pieceElements;
      body({channel / shape[1], channel % shape[1], start, std::min(pieceElements, plane - start)});
    }
  });
}
