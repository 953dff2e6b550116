// RQ & DQ: requantization and dequantization with one set of parameters or one per channel.
#include "Elements.h"
#include <cstring>

using namespace llvm;
using namespace tpu_mlir;
using namespace tpu_mlir::sim;
using bm1684x::QuantOp;

namespace {

/// Up to three 32-bit parameter words of a channel.
struct Words {
  uint32_t word[3];
};

struct Quantizer {
  Operation op;
  Shape shape;
  Operand x;
  Precision result;
  bool resultSigned;
  bool perChannel;
  Words constants; // when not perChannel
  int table = -1;

  Quantizer(FieldReader &fields, int words) : shape(fields.resultShape()) {
    x = {.precision = fields.precision(Field::opd0_prec), .isSigned = fields.flag(Field::opd0_sign)};
    result = fields.precision(Field::res0_prec);
    resultSigned = fields.flag(Field::opd2_sign);
    perChannel = !fields.flag(Field::opd1_const);
    x.read = op.addRead(alignedRegion(fields[Field::opd0_addr], shape, byteWidth(x.precision)));
    if (perChannel) // the words of a channel lie at the start of a 64-byte slot
      table = op.addRead(alignedRegion(fields[Field::opd1_addr], {1, shape[1], 1, words}, 4));
    op.addWrite(alignedRegion(fields[Field::res0_addr], shape, byteWidth(result)));
    fields.require(!isFloat(x.precision), "the source is not an integer");
  }

  Words parameters(const Context &context, int64_t c) const {
    if (!perChannel)
      return constants;
    Words words{};
    const Region &region = op.reads[table];
    std::memcpy(words.word, context.reads[table] + region.planeOffset(0, c), region.shape[3] * sizeof(uint32_t));
    return words;
  }

  /// body(access, piece, parameters)
  template <typename Body> Prepared finish(Body body) && {
    auto shared = std::make_shared<Quantizer>(std::move(*this));
    Operation done = shared->op;
    done.run = [shared, body](const Context &context) {
      PieceAccess access(shared->op, context);
      forEachPiece(shared->shape,
                   [&](const Piece &piece) { body(*shared, access, piece, shared->parameters(context, piece.c)); });
      return Error::success();
    };
    return done;
  }
};

int64_t zeroPoint16(uint32_t bits, bool isSigned) {
  return isSigned ? static_cast<int16_t>(bits) : static_cast<uint16_t>(bits);
}

/// rq0: sat(round(f32(f32(x·scale) + offset)))
Prepared requantizeThroughFloat(FieldReader &fields) {
  Quantizer q(fields, 2);
  q.constants = {{static_cast<uint32_t>(fields[Field::opd1_addr]), static_cast<uint32_t>(fields[Field::opd2_addr])}};
  uint64_t modes = fields[Field::opd2_n_str];
  RoundMode toFloat = fields.roundingCode(modes & 7, true), toInt = fields.roundingCode(modes >> 3 & 7, true);
  fields.require(!isFloat(q.result), "the result is not an integer");
  if (Error error = fields.takeError())
    return error;
  return std::move(q).finish([=](const Quantizer &q, const PieceAccess &access, const Piece &piece, Words words) {
    int32_t values[pieceElements];
    float floats[pieceElements];
    access.load(q.x, piece, values);
    kernels::convertInt32ToF32(values, floats, piece.count, toFloat);
    float scale = kernels::floatOf(words.word[0]), offset = kernels::floatOf(words.word[1]);
    for (int64_t i = 0; i < piece.count; ++i)
      floats[i] = floats[i] * scale + offset; // two roundings: contraction is off in this file's build
    kernels::convertF32ToInt32(floats, values, piece.count, q.result, q.resultSigned, toInt);
    access.store(0, q.result, piece, values);
  });
}

/// rq1: sat(round(x·multiplier >> −shift) + zero point)
Prepared requantizeIntegers(FieldReader &fields) {
  Quantizer q(fields, 3);
  auto packed = static_cast<uint32_t>(fields[Field::opd2_addr]);
  q.constants = {{static_cast<uint32_t>(fields[Field::opd1_addr]), static_cast<uint32_t>(static_cast<int8_t>(packed)),
                  static_cast<uint32_t>(zeroPoint16(packed >> 16, q.resultSigned))}};
  RoundMode mode = fields.rounding();
  fields.require(!isFloat(q.result), "the result is not an integer");
  if (Error error = fields.takeError())
    return error;
  return std::move(q).finish([=](const Quantizer &q, const PieceAccess &access, const Piece &piece, Words words) {
    int32_t values[pieceElements];
    access.load(q.x, piece, values);
    kernels::requantizeInt(values, values, piece.count, 0, static_cast<int32_t>(words.word[0]),
                           static_cast<int8_t>(words.word[1]), static_cast<int32_t>(words.word[2]),
                           rangeOf(q.result, q.resultSigned), mode);
    access.store(0, q.result, piece, values);
  });
}

/// dq0: f32((x − zero point)·scale)
Prepared dequantizeToFloat(FieldReader &fields) {
  Quantizer q(fields, 2);
  q.constants = {{static_cast<uint32_t>(fields[Field::opd1_addr]), static_cast<uint32_t>(fields[Field::opd2_addr])}};
  fields.require(q.result == Precision::F32, "the result is not f32");
  fields.require(q.x.precision != Precision::I32, "the source is wider than 16 bits");
  if (Error error = fields.takeError())
    return error;
  return std::move(q).finish([=](const Quantizer &q, const PieceAccess &access, const Piece &piece, Words words) {
    int32_t values[pieceElements];
    float floats[pieceElements];
    access.load(q.x, piece, values);
    auto zeroPoint = static_cast<int32_t>(zeroPoint16(words.word[0], q.x.isSigned));
    float scale = kernels::floatOf(words.word[1]);
    for (int64_t i = 0; i < piece.count; ++i)
      floats[i] = static_cast<float>(values[i] - zeroPoint) * scale;
    access.store(0, Precision::F32, piece, floats);
  });
}

/// dq1: sat(round((x − zero point)·multiplier >> −shift))
Prepared dequantizeToInteger(FieldReader &fields) {
  Quantizer q(fields, 3);
  auto packed = static_cast<uint32_t>(fields[Field::opd1_addr]);
  q.constants = {{packed & 0xFFFF, static_cast<uint32_t>(fields[Field::opd2_addr]),
                  static_cast<uint32_t>(static_cast<int16_t>(packed >> 16))}};
  RoundMode mode = fields.rounding();
  fields.require(!isFloat(q.result), "the result is not an integer");
  fields.require(q.x.precision != Precision::I32, "the source is wider than 16 bits");
  if (Error error = fields.takeError())
    return error;
  return std::move(q).finish([=](const Quantizer &q, const PieceAccess &access, const Piece &piece, Words words) {
    int32_t values[pieceElements];
    access.load(q.x, piece, values);
    kernels::requantizeInt(values, values, piece.count, zeroPoint16(words.word[0], q.x.isSigned),
                           static_cast<int32_t>(words.word[1]), static_cast<int16_t>(words.word[2]), 0,
                           rangeOf(q.result, q.resultSigned || q.result == Precision::I32), mode);
    access.store(0, q.result, piece, values);
  });
}

} // namespace

Prepared sim::prepareRequantDequant(const Instruction &insn) {
  FieldReader fields(insn);
  switch (static_cast<QuantOp>(fields.subOp())) {
  case QuantOp::Rq0:
    return requantizeThroughFloat(fields);
  case QuantOp::Rq1:
    return requantizeIntegers(fields);
  case QuantOp::Dq0:
    return dequantizeToFloat(fields);
  case QuantOp::Dq1:
    return dequantizeToInteger(fields);
  default:
    return fields.unsupported();
  }
}
