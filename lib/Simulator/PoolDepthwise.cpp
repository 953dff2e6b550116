// PorD: depthwise convolution, average and maximum pooling. One channel plane at a time, planes on several threads.
#include "Elements.h"
#include "FloatKernels.h"
#include "WindowGeometry.h"

#include <algorithm>

using namespace llvm;
using namespace tpu_mlir;
using namespace tpu_mlir::sim;
using bm1684x::PordOp;

namespace {

struct Pooling {
  explicit Pooling(FieldReader &fields);

  Operation op;
  WindowGeometry geometry;
  Shape inputShape, resultShape;
  Operand input, weight, bias, border;
  Precision result;
  PordOp kind;
  BorderValues<uint32_t> constantBorder;
  int shift = 0;
  uint32_t scale = 0; // of integer averages
  RoundMode mode = RoundMode::HalfUp;
  kernels::IntRange range{};

  bool weighted() const { return kind == PordOp::Depthwise || kind == PordOp::DepthwiseRelu; }
  Window window() const {
    return {geometry.width(), resultShape[2],   resultShape[3],     geometry.kernelH,  geometry.kernelW,
            geometry.strideY, geometry.strideX, geometry.dilationY, geometry.dilationX};
  }
  BorderValues<uint32_t> borderOf(const PieceAccess &access, int64_t channel) const;
  template <typename T> std::vector<T> tapsOf(const PieceAccess &access, int64_t channel) const;
  template <typename T>
  void loadPlane(const PieceAccess &access, int64_t n, int64_t c, BorderValues<T> values, std::vector<T> &padded) const;
  template <typename T> void storePlane(const PieceAccess &access, int64_t n, int64_t c, const T *values) const;
  void floatPlane(const PieceAccess &access, int64_t n, int64_t c) const;
  void integerPlane(const PieceAccess &access, int64_t n, int64_t c) const;
  void readInteger(FieldReader &fields);
};

Pooling::Pooling(FieldReader &fields) : geometry(fields), kind(static_cast<PordOp>(fields.subOp())) {
  resultShape = fields.resultShape();
  inputShape = {resultShape[0], resultShape[1], fields.size(Field::opd0_h), fields.size(Field::opd0_w)};
  Precision precision = fields.precision(Field::opd0_prec);
  result = fields.precision(Field::res0_prec);
  bool integer = precision == Precision::I8;
  fields.require(weighted() || kind == PordOp::AvgPool || kind == PordOp::MaxPool,
                 "region-of-interest pooling is not supported");
  fields.require(integer ? !isFloat(result) : isFloat(precision) && result == precision,
                 "this result type does not go with the operand's");
  fields.require(!(integer && kind == PordOp::MaxPool && result != Precision::I8),
                 "an 8-bit maximum has an 8-bit result");
  fields.require(integer || kind != PordOp::DepthwiseRelu, "depthwise convolution with relu takes 8-bit operands");
  if (fields.failed())
    return;
  int bytes = byteWidth(precision);
  input = {.precision = precision, .isSigned = fields.flag(Field::opd0_sign)};
  input.read = op.addRead(alignedRegion(fields[Field::opd0_addr], inputShape, bytes));

  weight = {.precision = precision,
            .isSigned = fields.flag(Field::opd1_sign),
            .isConstant = fields.flag(Field::opd1_const) || kind == PordOp::AvgPool,
            .constant = static_cast<uint32_t>(fields[Field::opd1_addr])};
  if (weighted() && !weight.isConstant)
    weight.read = op.addRead(compactRegion(fields[Field::opd1_addr], {1, resultShape[1], 1, geometry.taps()}, bytes));
  if (weighted()) {
    bias = {.precision = integer ? Precision::I32 : precision,
            .isSigned = fields.flag(Field::opd2_sign),
            .isConstant = fields.flag(Field::opd2_const),
            .constant = static_cast<uint32_t>(fields[Field::opd2_addr])};
    if (!bias.isConstant)
      bias.read =
          op.addRead(perChannelRegion(fields[Field::opd2_addr], {1, resultShape[1], 1, 1}, byteWidth(bias.precision)));
  }
  border = {.precision = precision, .isConstant = fields.flag(Field::opd3_const)};
  constantBorder = {static_cast<uint32_t>(fields[Field::opd3_addr]),
                    integer && weighted() ? static_cast<uint32_t>(fields[Field::res1_addr] & 0xFF) : 0};
  if (!border.isConstant)
    border.read = op.addRead(compactRegion(fields[Field::opd3_addr], {1, resultShape[1], 1, 2}, bytes));
  if (integer)
    readInteger(fields);
  op.addWrite(alignedRegion(fields[Field::res0_addr], resultShape, byteWidth(result)));
}

void Pooling::readInteger(FieldReader &fields) {
  if (weighted()) {
    bool relu = kind == PordOp::DepthwiseRelu;
    shift = static_cast<int>(fields[Field::res1_addr] >> 8 & 0xFF);
    mode = fields.rounding();
    range = rangeOf(result, !relu && (input.isSigned || weight.isSigned || bias.isSigned));
  } else {
    scale = static_cast<uint32_t>(fields[Field::opd1_addr] & 0xFF);
    shift = static_cast<int>(fields[Field::opd2_addr] & 0xFF);
    range = rangeOf(result, input.isSigned);
  }
}

BorderValues<uint32_t> Pooling::borderOf(const PieceAccess &access, int64_t channel) const {
  if (border.isConstant)
    return constantBorder;
  uint32_t values[2];
  access.load(border, {0, channel, 0, 2}, values);
  return {values[0], values[1]};
}

template <typename T> std::vector<T> Pooling::tapsOf(const PieceAccess &access, int64_t channel) const {
  int64_t count = geometry.taps();
  std::vector<T> taps(count);
  for (int64_t i = 0; i < count; i += pieceElements)
    access.load(weight, {0, channel, i, std::min(pieceElements, count - i)}, taps.data() + i);
  if (geometry.rotated)
    std::reverse(taps.begin(), taps.end());
  return taps;
}

template <typename T>
void Pooling::loadPlane(const PieceAccess &access, int64_t n, int64_t c, BorderValues<T> values,
                        std::vector<T> &padded) const {
  int64_t width = inputShape[3];
  // Vectors may be loaded past the last window.
  padded.resize(geometry.height() * geometry.width() + 16 * geometry.strideX + 64);
  padPlane(
      geometry, width, values,
      [&](int64_t y, T *row) {
        for (int64_t x = 0; x < width; x += pieceElements)
          access.load(input, {n, c, y * width + x, std::min(pieceElements, width - x)}, row + x);
      },
      padded.data(), geometry.width(), 1);
}

template <typename T> void Pooling::storePlane(const PieceAccess &access, int64_t n, int64_t c, const T *values) const {
  int64_t plane = resultShape[2] * resultShape[3];
  for (int64_t i = 0; i < plane; i += pieceElements)
    access.store(0, result, {n, c, i, std::min(pieceElements, plane - i)}, values + i);
}

void Pooling::floatPlane(const PieceAccess &access, int64_t n, int64_t c) const {
  auto valueOf = [&](uint32_t bits) { return Operand{.precision = input.precision, .constant = bits}.constantFloat(); };
  BorderValues<uint32_t> bits = borderOf(access, c);
  int64_t pixels = resultShape[2] * resultShape[3];
  if (kind == PordOp::MaxPool && isHalf(input.precision)) {
    std::vector<int32_t> padded, out(pixels);
    loadPlane(access, n, c,
              BorderValues<int32_t>{static_cast<int32_t>(bits.padding & 0xFFFF),
                                    static_cast<int32_t>(bits.insertion & 0xFFFF)},
              padded);
    TPU_SIMD_DISPATCH(sim, maxHalves)(input.precision, window(), padded.data(), out.data());
    return storePlane(access, n, c, out.data());
  }
  std::vector<float> padded, out(pixels);
  loadPlane(access, n, c, BorderValues<float>{valueOf(bits.padding), valueOf(bits.insertion)}, padded);
  if (kind == PordOp::MaxPool) {
    TPU_SIMD_DISPATCH(sim, maxFloats)(window(), padded.data(), out.data());
  } else {
    // Averages are sums without a first +0, which shows in results of −0.
    float start = kind == PordOp::AvgPool ? -0.0f : 0.0f, biasStart = start;
    if (weighted())
      access.load(bias, {0, c, 0, 1}, &biasStart), biasStart = 0.0f + biasStart;
    std::vector<float> taps = tapsOf<float>(access, c);
    TPU_SIMD_DISPATCH(sim, depthwiseFloat)
    (input.precision, window(), padded.data(), taps.data(), start, biasStart, weighted(), out.data());
  }
  storePlane(access, n, c, out.data());
}

void Pooling::integerPlane(const PieceAccess &access, int64_t n, int64_t c) const {
  auto valueOf = [&](uint32_t bits) { return static_cast<int32_t>(signExtend(bits, Precision::I8, input.isSigned)); };
  BorderValues<uint32_t> bits = borderOf(access, c);
  std::vector<int32_t> padded, out(resultShape[2] * resultShape[3]);
  loadPlane(access, n, c, BorderValues<int32_t>{valueOf(bits.padding & 0xFF), valueOf(bits.insertion & 0xFF)}, padded);
  if (kind == PordOp::MaxPool) {
    TPU_SIMD_DISPATCH(sim, maxInts)(window(), padded.data(), out.data());
    return storePlane(access, n, c, out.data());
  }
  std::vector<int32_t> taps(geometry.taps(), 1);
  int64_t offset = 0, factor = 1;
  if (weighted()) {
    taps = tapsOf<int32_t>(access, c);
    access.load(bias, {0, c, 0, 1}, &offset);
  } else {
    factor = scale;
  }
  TPU_SIMD_DISPATCH(sim, depthwiseInt)(window(), padded.data(), taps.data(), out.data());
  for (int32_t &value : out) {
    int64_t sum = kernels::roundingShiftRight(value * factor + offset, shift, mode);
    if (kind == PordOp::DepthwiseRelu)
      sum = std::max<int64_t>(sum, 0);
    value = static_cast<int32_t>(std::clamp(sum, range.low, range.high));
  }
  storePlane(access, n, c, out.data());
}

} // namespace

Prepared sim::preparePoolDepthwise(const Instruction &insn) {
  FieldReader fields(insn);
  auto pooling = std::make_shared<Pooling>(fields);
  if (Error error = fields.takeError())
    return error;
  Operation op = pooling->op;
  op.run = [pooling](const Context &context) {
    PieceAccess access(pooling->op, context);
    const Shape &shape = pooling->resultShape;
    int64_t work = shape[2] * shape[3] * pooling->geometry.taps();
    parallelFor(shape[0] * shape[1], std::max<int64_t>(1, 20000 / work), [&](int64_t begin, int64_t end) {
      kernels::FlushDenormals scope;
      for (int64_t i = begin; i < end; ++i)
        if (pooling->input.precision == Precision::I8)
          pooling->integerPlane(access, i / shape[1], i % shape[1]);
        else
          pooling->floatPlane(access, i / shape[1], i % shape[1]);
    });
    return Error::success();
  };
  return op;
}
