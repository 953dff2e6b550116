// CONV: convolution of f32, f16, bf16 and 8-bit integers. The input is unpacked from the lanes into padded images, the
// weights into blocks of 16 output channels; pixels and blocks are then multiplied by the loops of Gemm.h.
#include "Elements.h"
#include "Gemm.h"
#include "GemmResult.h"
#include "WindowGeometry.h"

#include <algorithm>
#include <cstring>

using namespace llvm;
using namespace tpu_mlir;
using namespace tpu_mlir::sim;
using bm1684x::ConvOp;
using bm1684x::StrideMode;

namespace {

int64_t ceilDiv(int64_t a, int64_t b) { return (a + b - 1) / b; }

struct Conv {
  explicit Conv(FieldReader &fields);

  Operation op;
  WindowGeometry geometry;
  Shape inputShape, resultShape;
  Operand input, weight, offset, border; // offset: bias or kernel zero point
  Precision result;
  ConvOp kind;
  bool accumulates;
  int old = -1;
  int shift = 0;
  BorderValues<uint32_t> constantBorder;

  int64_t inputChannels() const { return inputShape[1]; }
  int64_t outputChannels() const { return resultShape[1]; }
  /// Input channels that lie next to each other in a weight cell.
  int64_t cube() const { return input.precision == Precision::I8 ? 64 : input.precision == Precision::F32 ? 1 : 32; }
  int64_t blocks() const { return ceilDiv(outputChannels(), gemmColumns); }

  BorderValues<uint32_t> borderOf(const PieceAccess &access, const Context &context, int64_t channel) const;
  template <typename T, typename Value, typename Store>
  void packWeights(const Context &context, std::vector<T> &packed, int64_t blockSize, Value value, Store store) const;

  Error run(const Context &context) const;
  void runHalf(const Context &context, int64_t firstBatch, int64_t batches, const ResultStore &results) const;
  void runF32(const Context &context, int64_t firstBatch, int64_t batches, const ResultStore &results) const;
  void runInt8(const Context &context, int64_t firstBatch, int64_t batches, const std::vector<uint32_t> &channelOffsets,
               const ResultStore &results) const;

  /// Per output channel: bias (f32 bits or 16-bit) or kernel zero point.
  std::vector<uint32_t> offsets(const PieceAccess &access) const;
};

Conv::Conv(FieldReader &fields) : geometry(fields), kind(static_cast<ConvOp>(fields.subOp())) {
  resultShape = fields.resultShape();
  inputShape = {resultShape[0], fields.size(Field::opd0_c), fields.size(Field::opd0_h), fields.size(Field::opd0_w)};
  Precision precision = fields.precision(Field::opd0_prec);
  result = fields.precision(Field::res0_prec);
  bool integer = precision == Precision::I8, requantizes = kind != ConvOp::Normal;
  fields.require(integer || isFloat(precision), "convolution takes i8, f16, bf16 or f32");
  if (integer)
    fields.require(requantizes ? result == Precision::I8 || result == Precision::I16 : !isFloat(result),
                   "this result type does not go with 8-bit operands");
  else
    fields.require(!requantizes && (result == precision || result == Precision::F32),
                   "this result type or operation does not go with float operands");
  int64_t channels = inputChannels();
  fields.require(channels >= 1, "the input has no channels");
  if (fields.failed())
    return;

  int bytes = byteWidth(precision);
  input = {.precision = precision, .isSigned = fields.flag(Field::opd0_sign)};
  auto layout = static_cast<StrideMode>(fields[Field::opd0_str]);
  fields.require(layout == StrideMode::Aligned || layout == StrideMode::Free,
                 "this layout of the input is not supported");
  input.read = op.addRead(layout == StrideMode::Aligned
                              ? alignedRegion(fields[Field::opd0_addr], inputShape, bytes)
                              : stridedRegion(fields[Field::opd0_addr], inputShape,
                                              {fields.size(Field::opd0_n_str), fields.size(Field::opd0_c_str),
                                               fields.size(Field::opd0_h_str), fields.size(Field::opd0_w_str)},
                                              bytes));

  weight = {.precision = precision,
            .isSigned = fields.flag(Field::opd1_sign),
            .isConstant = fields.flag(Field::opd1_const),
            .constant = static_cast<uint32_t>(fields[Field::opd1_addr])};
  int64_t weightsPerOutput = ceilDiv(channels, cube()) * cube() * geometry.taps();
  // Constant weights need no memory that would bound them.
  fields.require(weightsPerOutput * outputChannels() <= 1 << 26, "the kernel is too large");
  if (!weight.isConstant)
    weight.read =
        op.addRead(compactRegion(fields[Field::opd1_addr], {1, outputChannels(), 1, weightsPerOutput}, bytes));

  offset = {.precision = !integer      ? Precision::F32
                         : requantizes ? Precision::I16
                                       : Precision::I8,
            .isSigned = fields.flag(Field::opd2_sign),
            .isConstant = fields.flag(Field::opd2_const),
            .constant = static_cast<uint32_t>(fields[Field::opd2_addr])};
  if (!offset.isConstant)
    offset.read = op.addRead(
        perChannelRegion(fields[Field::opd2_addr], {1, outputChannels(), 1, 1}, byteWidth(offset.precision)));

  if (requantizes) { // padding is zero, the field holds the shift
    fields.require(fields.flag(Field::opd3_const), "the shift must be constant");
    shift = static_cast<int>(fields[Field::opd3_addr] & 0xFF);
    fields.require(shift <= 32, "the shift is larger than 32");
  } else {
    border = {.precision = precision, .isConstant = fields.flag(Field::opd3_const)};
    constantBorder = {static_cast<uint32_t>(fields[Field::opd3_addr]), static_cast<uint32_t>(fields[Field::res1_addr])};
    if (!border.isConstant)
      border.read = op.addRead(compactRegion(fields[Field::opd3_addr], {1, channels, 1, 2}, bytes));
  }

  accumulates = fields.flag(Field::res_add) && !requantizes && (!integer || result == Precision::I32);
  op.addWrite(alignedRegion(fields[Field::res0_addr], resultShape, byteWidth(result)));
  if (accumulates) // the old value is 32 bits wide whatever the result is
    old = op.addRead(alignedRegion(fields[Field::res0_addr], resultShape, 4));
  op.overlapSafe = true;
}

BorderValues<uint32_t> Conv::borderOf(const PieceAccess &access, const Context &context, int64_t channel) const {
  if (kind != ConvOp::Normal)
    return {0, 0};
  if (border.isConstant)
    return constantBorder;
  uint32_t values[2];
  access.load(border, {0, channel, 0, 2}, values);
  return {values[0], values[1]};
}

/// Calls store(block memory, term, column, value(bits)) for all weights; terms in the order (cell, kernel row, kernel
/// column, channel in the cell), rows and columns of the kernel turned when it is rotated. Padding channels are left
/// out.
template <typename T, typename Value, typename Store>
void Conv::packWeights(const Context &context, std::vector<T> &packed, int64_t blockSize, Value value,
                       Store store) const {
  int64_t channels = inputChannels(), taps = geometry.taps();
  const Region *region = weight.isConstant ? nullptr : &op.reads[weight.read];
  packed.assign(blocks() * blockSize, T{});
  parallelFor(outputChannels(), 4, [&](int64_t begin, int64_t end) {
    for (int64_t oc = begin; oc < end; ++oc) {
      const uint8_t *from = region ? context.reads[weight.read] + region->planeOffset(0, oc) : nullptr;
      T *block = packed.data() + oc / gemmColumns * blockSize;
      int64_t term = 0;
      for (int64_t first = 0; first < channels; first += cube()) {
        int64_t count = std::min(cube(), channels - first);
        for (int64_t tap = 0; tap < taps; ++tap, term += count) {
          int64_t cell = first / cube() * taps + (geometry.rotated ? taps - 1 - tap : tap);
          for (int64_t k = 0; k < count; ++k)
            store(block, term, first, tap, k, oc % gemmColumns, value(from, cell * cube() + k));
        }
      }
    }
  });
}

/// The addresses of a tile's rows in the padded images and the walk over tiles of pixels and blocks of channels.
template <typename Body>
void forEachTile(const Conv &conv, int64_t batches, int64_t imageSize, int64_t pitchY, int64_t pitchX, Body body) {
  constexpr int64_t tileRows = 48;
  int64_t pixels = conv.resultShape[2] * conv.resultShape[3], rows = batches * pixels;
  int64_t tiles = ceilDiv(rows, tileRows);
  parallelFor(conv.blocks() * tiles, 1, [&](int64_t begin, int64_t end) {
    kernels::FlushDenormals scope;
    int64_t rowBase[tileRows];
    for (int64_t item = begin; item < end; ++item) {
      int64_t block = item / tiles, first = item % tiles * tileRows, count = std::min(tileRows, rows - first);
      for (int64_t r = 0; r < count; ++r) {
        int64_t pixel = (first + r) % pixels;
        int64_t y = pixel / conv.resultShape[3] * conv.geometry.strideY;
        int64_t x = pixel % conv.resultShape[3] * conv.geometry.strideX;
        rowBase[r] = (first + r) / pixels * imageSize + y * pitchY + x * pitchX;
      }
      body(block, first, count, rowBase);
    }
  });
}

void Conv::runHalf(const Context &context, int64_t firstBatch, int64_t batches, const ResultStore &results) const {
  // Images as [y][x][channel]: the 32 operands of a group lie next to each other.
  PieceAccess access(op, context);
  int64_t channels = inputChannels(), width = geometry.width(), image = geometry.height() * width * channels;
  std::vector<float> images(batches * image + 64);
  const Region &region = op.reads[input.read];
  parallelFor(batches * channels, 1, [&](int64_t begin, int64_t end) {
    kernels::FlushDenormals scope;
    std::vector<uint16_t> halves(region.shape[3]);
    for (int64_t i = begin; i < end; ++i) {
      int64_t n = firstBatch + i / channels, c = i % channels;
      BorderValues<uint32_t> bits = borderOf(access, context, c);
      BorderValues<float> values{kernels::halfToFloat(input.precision, static_cast<uint16_t>(bits.padding)),
                                 kernels::halfToFloat(input.precision, static_cast<uint16_t>(bits.insertion))};
      padPlane(
          geometry, region.shape[3], values,
          [&](int64_t y, float *row) {
            gatherElements(context.reads[input.read], region, n, c, y * region.shape[3], region.shape[3],
                           halves.data());
            kernels::convertHalfToF32(input.precision, halves.data(), row, region.shape[3]);
          },
          images.data() + i / channels * image + c, width * channels, channels);
    }
  });

  std::vector<TermGroup> groups;
  for (int64_t first = 0; first < channels; first += 32)
    for (int i = 0; i < geometry.kernelH; ++i)
      for (int j = 0; j < geometry.kernelW; ++j)
        groups.push_back(
            {(int64_t{i} * geometry.dilationY * width + int64_t{j} * geometry.dilationX) * channels + first,
             static_cast<int32_t>(std::min<int64_t>(32, channels - first))});
  std::vector<float> packed;
  int64_t blockSize = channels * geometry.taps() * gemmColumns;
  packWeights(
      context, packed, blockSize,
      [&](const uint8_t *from, int64_t index) {
        auto bits = static_cast<uint16_t>(weight.constant);
        if (from)
          std::memcpy(&bits, from + 2 * index, 2);
        return kernels::halfToFloat(input.precision, bits);
      },
      [](float *block, int64_t term, int64_t, int64_t, int64_t k, int64_t column, float value) {
        block[(term + k) * gemmColumns + column] = value;
      });
  forEachTile(*this, batches, image, width * channels, channels,
              [&](int64_t block, int64_t first, int64_t count, const int64_t *rowBase) {
                alignas(64) float sums[64 * gemmColumns];
                results.startSums(block, first, count, sums, nullptr);
                TPU_SIMD_DISPATCH(sim, multiplyHalf)
                (images.data(), rowBase, count, groups.data(), static_cast<int64_t>(groups.size()),
                 packed.data() + block * blockSize, sums);
                results.storeFloats(block, first, count, sums);
              });
}

void Conv::runF32(const Context &context, int64_t firstBatch, int64_t batches, const ResultStore &results) const {
  // Images as [channel][y][x].
  PieceAccess access(op, context);
  int64_t channels = inputChannels(), width = geometry.width(), plane = geometry.height() * width;
  int64_t image = channels * plane;
  std::vector<float> images(batches * image + 64);
  const Region &region = op.reads[input.read];
  parallelFor(batches * channels, 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      int64_t n = firstBatch + i / channels, c = i % channels;
      BorderValues<uint32_t> bits = borderOf(access, context, c);
      BorderValues<float> values{kernels::floatOf(bits.padding), kernels::floatOf(bits.insertion)};
      padPlane(
          geometry, region.shape[3], values,
          [&](int64_t y, float *row) {
            gatherElements(context.reads[input.read], region, n, c, y * region.shape[3], region.shape[3], row);
          },
          images.data() + i * plane, width, 1);
    }
  });

  std::vector<int64_t> offsets;
  for (int64_t c = 0; c < channels; ++c)
    for (int i = 0; i < geometry.kernelH; ++i)
      for (int j = 0; j < geometry.kernelW; ++j)
        offsets.push_back(c * plane + int64_t{i} * geometry.dilationY * width + int64_t{j} * geometry.dilationX);
  std::vector<float> packed;
  int64_t blockSize = static_cast<int64_t>(offsets.size()) * gemmColumns;
  packWeights(
      context, packed, blockSize,
      [&](const uint8_t *from, int64_t index) {
        uint32_t bits = weight.constant;
        if (from)
          std::memcpy(&bits, from + 4 * index, 4);
        return kernels::floatOf(bits);
      },
      [](float *block, int64_t term, int64_t, int64_t, int64_t k, int64_t column, float value) {
        block[(term + k) * gemmColumns + column] = value;
      });
  forEachTile(*this, batches, image, width, 1,
              [&](int64_t block, int64_t first, int64_t count, const int64_t *rowBase) {
                alignas(64) float sums[64 * gemmColumns], evenStart[gemmColumns];
                results.startSums(block, first, count, sums, evenStart);
                TPU_SIMD_DISPATCH(sim, multiplyF32)
                (images.data(), rowBase, count, offsets.data(), static_cast<int64_t>(offsets.size()),
                 packed.data() + block * blockSize, evenStart, accumulates, sums);
                results.storeFloats(block, first, count, sums);
              });
}

void Conv::runInt8(const Context &context, int64_t firstBatch, int64_t batches,
                   const std::vector<uint32_t> &channelOffsets, const ResultStore &results) const {
  // Images as [y][x][channel], channels in pairs of 16-bit values.
  PieceAccess access(op, context);
  int64_t channels = inputChannels(), width = geometry.width(), pairs = (channels + 1) / 2;
  int64_t image = geometry.height() * width * pairs;
  std::vector<int32_t> images(batches * image + 64);
  auto *halves = reinterpret_cast<int16_t *>(images.data());
  const Region &region = op.reads[input.read];
  parallelFor(batches * channels, 1, [&](int64_t begin, int64_t end) {
    std::vector<uint8_t> bytes(region.shape[3]);
    for (int64_t i = begin; i < end; ++i) {
      int64_t n = firstBatch + i / channels, c = i % channels;
      BorderValues<uint32_t> bits = borderOf(access, context, c);
      auto extend = [&](uint32_t value) {
        return static_cast<int16_t>(signExtend(value & 0xFF, Precision::I8, input.isSigned));
      };
      padPlane(
          geometry, region.shape[3], BorderValues<int16_t>{extend(bits.padding), extend(bits.insertion)},
          [&](int64_t y, int16_t *row) {
            gatherElements(context.reads[input.read], region, n, c, y * region.shape[3], region.shape[3], bytes.data());
            for (int64_t x = 0; x < region.shape[3]; ++x)
              row[x] = extend(bytes[x]);
          },
          halves + 2 * (i / channels * image) + c, width * pairs * 2, pairs * 2);
    }
  });

  // Terms: kernel rows and columns outside, channel pairs inside; sums are exact, so the order is free.
  std::vector<int64_t> offsets;
  for (int i = 0; i < geometry.kernelH; ++i)
    for (int j = 0; j < geometry.kernelW; ++j)
      for (int64_t p = 0; p < pairs; ++p)
        offsets.push_back((int64_t{i} * geometry.dilationY * width + int64_t{j} * geometry.dilationX) * pairs + p);
  std::vector<int32_t> packed;
  int64_t blockSize = static_cast<int64_t>(offsets.size()) * gemmColumns;
  std::vector<int32_t> zeroPoints(blocks() * gemmColumns);
  if (kind == ConvOp::Normal)
    std::transform(channelOffsets.begin(), channelOffsets.end(), zeroPoints.begin(), [&](uint32_t bits) {
      return static_cast<int32_t>(signExtend(bits, Precision::I8, offset.isSigned));
    });
  packWeights(
      context, packed, blockSize,
      [&](const uint8_t *from, int64_t index) {
        return static_cast<int32_t>(
            signExtend(from ? from[index] : weight.constant & 0xFF, Precision::I8, weight.isSigned));
      },
      [&](int32_t *block, int64_t, int64_t firstChannel, int64_t tap, int64_t k, int64_t column, int32_t value) {
        int64_t channel = firstChannel + k;
        int64_t block0 = (block - packed.data()) / blockSize * gemmColumns + column;
        auto *words = reinterpret_cast<int16_t *>(block + (tap * pairs + channel / 2) * gemmColumns + column);
        words[channel % 2] = static_cast<int16_t>(value - zeroPoints[block0]);
      });
  constexpr int64_t pairsPerSum = 8000; // 32 bits hold their sum
  forEachTile(*this, batches, image, width * pairs, pairs,
              [&](int64_t block, int64_t first, int64_t count, const int64_t *rowBase) {
                int64_t sums[64 * gemmColumns] = {};
                auto total = static_cast<int64_t>(offsets.size());
                for (int64_t t = 0; t < total; t += pairsPerSum)
                  TPU_SIMD_DISPATCH(sim, multiplyPairs8)
                (images.data(), rowBase, count, offsets.data() + t, std::min(pairsPerSum, total - t),
                 packed.data() + block * blockSize + t * gemmColumns, sums);
                results.storeInts(block, first, count, sums);
              });
}

std::vector<uint32_t> Conv::offsets(const PieceAccess &access) const {
  std::vector<uint32_t> values(outputChannels());
  for (int64_t c = 0; c < outputChannels(); ++c)
    values[c] = access.channelBits(offset, c);
  return values;
}

Error Conv::run(const Context &context) const {
  PieceAccess access(op, context);
  int64_t pixels = resultShape[2] * resultShape[3];
  ResultStore results(op, context, Arrangement::Pixels, result, resultShape[0] * pixels, outputChannels());
  std::vector<uint32_t> channelOffsets = offsets(access);
  bool integer = input.precision == Precision::I8;
  if (accumulates)
    results.readOld(old, integer ? Precision::I32 : Precision::F32, true);
  if (!integer) {
    std::transform(channelOffsets.begin(), channelOffsets.end(), std::back_inserter(results.bias), kernels::floatOf);
  } else if (kind == ConvOp::Normal) {
    bool anyZeroPoint = std::any_of(channelOffsets.begin(), channelOffsets.end(), [](uint32_t v) { return v & 0xFF; });
    results.finish = {.kind = result == Precision::I32 ? IntegerFinish::Wrap : IntegerFinish::Saturate,
                      .isSigned = input.isSigned || weight.isSigned || anyZeroPoint};
  } else {
    for (uint32_t bits : channelOffsets)
      results.integerBias.push_back(signExtend(bits, Precision::I16, offset.isSigned));
    bool relu = kind == ConvOp::WrqRelu;
    results.finish = {.kind = IntegerFinish::ShiftRight,
                      .isSigned = !relu && (input.isSigned || weight.isSigned || offset.isSigned),
                      .relu = relu,
                      .rightShift = shift};
  }
  // The unpacked images of some batches at a time: at most about 256 MiB.
  int64_t image = geometry.height() * geometry.width() * inputChannels() * 4;
  int64_t step = std::max<int64_t>(1, (int64_t{1} << 28) / image);
  for (int64_t first = 0; first < resultShape[0]; first += step) {
    int64_t batches = std::min(step, resultShape[0] - first);
    results.firstRow = first * pixels;
    if (integer)
      runInt8(context, first, batches, channelOffsets, results);
    else if (input.precision == Precision::F32)
      runF32(context, first, batches, results);
    else
      runHalf(context, first, batches, results);
  }
  return Error::success();
}

} // namespace

Prepared sim::prepareConv(const Instruction &insn) {
  FieldReader fields(insn);
  auto conv = std::make_shared<Conv>(fields);
  if (Error error = fields.takeError())
    return error;
  if (conv->geometry.height() * conv->geometry.width() * conv->inputChannels() > int64_t{1} << 27)
    return createStringError("the padded input is too large");
  Operation op = conv->op;
  op.run = [conv](const Context &context) { return conv->run(context); };
  return op;
}
