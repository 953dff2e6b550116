// The cast of AR: between integers, floats and halves, with the rounding mode of the instruction.
#include "ElementwiseOperands.h"

#include <algorithm>

using namespace llvm;
using namespace tpu_mlir;
using namespace tpu_mlir::sim;

namespace {

using Body = std::function<void(const PieceAccess &, const ElementwiseOperands &, const Piece &)>;

Body floatToFloat(Precision from, Precision to, RoundMode mode) {
  if (from == to) // rounds to an integral value; NaN keep their bits
    return [=](const PieceAccess &access, const ElementwiseOperands &o, const Piece &piece) {
      alignas(64) float values[pieceElements];
      uint32_t bits[pieceElements];
      access.load(o.a, piece, values);
      access.load(o.a, piece, bits);
      kernels::roundFloats(values, values, piece.count, mode);
      to == Precision::F32 ? access.store(0, to, piece, values) : access.storeHalves(0, to, piece, values, bits);
    };
  return [=](const PieceAccess &access, const ElementwiseOperands &o, const Piece &piece) {
    alignas(64) float values[pieceElements];
    access.load(o.a, piece, values);
    if (to == Precision::F32)
      return access.store(0, to, piece, values);
    uint16_t halves[pieceElements];
    uint32_t words[pieceElements];
    kernels::convertF32ToHalf(to, values, halves, piece.count, mode);
    std::copy_n(halves, piece.count, words);
    access.store(0, to, piece, words);
  };
}

Body intToFloat(Precision from, Precision to, RoundMode mode) {
  return [=](const PieceAccess &access, const ElementwiseOperands &o, const Piece &piece) {
    int64_t values[pieceElements];
    uint32_t bits[pieceElements];
    access.load(o.a, piece, values);
    for (int64_t i = 0; i < piece.count; ++i)
      bits[i] = to == Precision::F32     ? kernels::bitsOf(kernels::intToFloat(values[i], mode))
                : from == Precision::I32 ? kernels::int32ToHalf(to, values[i], mode)
                                         : kernels::smallIntToHalf(to, values[i], mode);
    access.store(0, to, piece, bits);
  };
}

/// Bytes, which every float type holds exactly.
Body byteToFloat(Precision to) {
  return [=](const PieceAccess &access, const ElementwiseOperands &o, const Piece &piece) {
    int32_t values[pieceElements];
    alignas(64) float floats[pieceElements];
    access.load(o.a, piece, values);
    for (int64_t i = 0; i < piece.count; ++i)
      floats[i] = static_cast<float>(values[i]);
    if (to == Precision::F32)
      return access.store(0, to, piece, floats);
    uint16_t halves[pieceElements];
    uint32_t words[pieceElements];
    kernels::convertF32ToHalf(to, floats, halves, piece.count, RoundMode::HalfEven);
    std::copy_n(halves, piece.count, words);
    access.store(0, to, piece, words);
  };
}

Body floatToInt(Precision to, bool isSigned, RoundMode mode) {
  return [=](const PieceAccess &access, const ElementwiseOperands &o, const Piece &piece) {
    alignas(64) float values[pieceElements];
    int32_t integers[pieceElements];
    access.load(o.a, piece, values);
    kernels::convertF32ToInt32(values, integers, piece.count, to, isSigned, mode);
    access.store(0, to, piece, integers);
  };
}

Body intToInt(Precision to, bool isSigned) {
  kernels::IntRange range = rangeOf(to, isSigned);
  return [=](const PieceAccess &access, const ElementwiseOperands &o, const Piece &piece) {
    int64_t values[pieceElements];
    access.load(o.a, piece, values);
    for (int64_t i = 0; i < piece.count; ++i)
      values[i] = std::clamp(values[i], range.low, range.high);
    access.store(0, to, piece, values);
  };
}

} // namespace

Prepared sim::prepareCast(const Instruction &insn) {
  FieldReader fields(insn);
  ElementwiseOperands operands(fields, 1);
  Precision from = operands.a.precision, to = operands.result;
  bool fromFloat = isFloat(from), toFloat = isFloat(to), toSigned = fields.flag(Field::opd2_sign);
  RoundMode mode = fields.rounding(fromFloat && !toFloat);
  fields.require(!(isHalf(from) && isHalf(to) && from != to), "there is no cast between f16 and bf16");
  if (Error error = fields.takeError())
    return error;
  Body body = fromFloat ? (toFloat ? floatToFloat(from, to, mode) : floatToInt(to, toSigned, mode))
                        : (!toFloat                ? intToInt(to, toSigned)
                           : from == Precision::I8 ? byteToFloat(to)
                                                   : intToFloat(from, to, mode));
  return std::move(operands).finish(body);
}
