// SFU: polynomials, powers of two and reciprocal square roots.
#include "Elements.h"
#include "FloatKernels.h"

using namespace llvm;
using namespace tpu_mlir;
using namespace tpu_mlir::sim;
using bm1684x::SfuOp;

namespace {

/// The exponent of the nearest power of two, computed on the bits: positive numbers round up from a mantissa of 4/3 on,
/// negative ones keep their exponent. As biased integer or as float of the same sign.
uint32_t normalize(Precision precision, uint32_t bits, bool asInteger) {
  int mantissa = precision == Precision::F32 ? 23 : precision == Precision::F16 ? 10 : 7;
  uint32_t roundUp = precision == Precision::F32 ? 0x555554 : precision == Precision::F16 ? 0x2AA : 0x54;
  int width = kernels::bitWidth(precision);
  uint32_t sign = bits >> (width - 1), magnitude = bits & ((1u << (width - 1)) - 1);
  uint32_t exponent = (sign ? magnitude : magnitude + roundUp) >> mantissa;
  return asInteger ? exponent : (exponent << mantissa & ((1u << (width - 1)) - 1)) | sign << (width - 1);
}

Prepared preparePolynomial(FieldReader &fields, Operation op, Operand x, const Shape &shape) {
  Precision precision = x.precision;
  int64_t terms = fields.size(Field::opd1_n);
  fields.require(terms >= 2, "a polynomial needs at least 2 coefficients");
  fields.require(fields.precision(Field::res0_prec) == precision, "operand and result have different types");
  // Every lane has its own table, from the lane of the operand on.
  int64_t lanes = std::min<int64_t>(shape[1], laneCount);
  Operand table{.precision = precision,
                .read = op.addRead(
                    stridedRegion(fields[Field::opd1_addr], {1, lanes, 1, terms}, {0, 0, 0, 1}, byteWidth(precision)))};
  if (Error error = fields.takeError())
    return error;
  Operation description = op;
  op.run = [=](const Context &context) {
    PieceAccess access(description, context);
    std::vector<float> coefficients(lanes * terms);
    for (int64_t lane = 0; lane < lanes; ++lane)
      for (int64_t k = 0; k < terms; k += pieceElements)
        access.load(table, {0, lane, k, std::min(pieceElements, terms - k)}, &coefficients[lane * terms + k]);
    forEachPiece(shape, [&](const Piece &piece) {
      alignas(64) float values[pieceElements];
      access.load(x, piece, values);
      TPU_SIMD_DISPATCH(sim, polynomial)
      (precision, values, &coefficients[piece.c % laneCount * terms], terms, values, piece.count);
      access.store(0, precision, piece, values);
    });
    return Error::success();
  };
  return op;
}

Prepared prepareNormalize(FieldReader &fields, Operation op, Operand x, const Shape &shape) {
  Precision precision = x.precision, result = fields.precision(Field::res0_prec);
  bool asInteger = result == (precision == Precision::F32 ? Precision::I32 : Precision::I16);
  fields.require(asInteger || result == precision, "this result type does not go with the operand's");
  if (Error error = fields.takeError())
    return error;
  Operation description = op;
  op.run = [=](const Context &context) {
    PieceAccess access(description, context);
    forEachPiece(shape, [&](const Piece &piece) {
      uint32_t bits[pieceElements];
      access.load(x, piece, bits);
      for (int64_t i = 0; i < piece.count; ++i)
        bits[i] = normalize(precision, bits[i], asInteger);
      access.store(0, result, piece, bits);
    });
    return Error::success();
  };
  return op;
}

Prepared prepareRoot(FieldReader &fields, Operation op, Operand x, const Shape &shape) {
  fields.require(x.precision == Precision::F32 && fields.precision(Field::res0_prec) == Precision::F32,
                 "the reciprocal square root exists in f32 only");
  int steps = static_cast<int>(fields[Field::opd2_n_str] & 3) + 1;
  if (Error error = fields.takeError())
    return error;
  Operation description = op;
  op.run = [=](const Context &context) {
    PieceAccess access(description, context);
    forEachPiece(shape, [&](const Piece &piece) {
      alignas(64) float values[pieceElements];
      access.load(x, piece, values);
      TPU_SIMD_DISPATCH(sim, reciprocalRoot)(steps, values, values, piece.count);
      access.store(0, Precision::F32, piece, values);
    });
    return Error::success();
  };
  return op;
}

} // namespace

Prepared sim::prepareSpecialFunction(const Instruction &insn) {
  FieldReader fields(insn);
  Shape shape = fields.resultShape();
  Precision precision = fields.precision(Field::opd0_prec), result = fields.precision(Field::res0_prec);
  fields.require(isFloat(precision), "the operand is not a float");
  Operation op;
  Operand x{.precision = precision,
            .read = op.addRead(alignedRegion(fields[Field::opd0_addr], shape, byteWidth(precision)))};
  op.addWrite(alignedRegion(fields[Field::res0_addr], shape, byteWidth(result)));
  switch (static_cast<SfuOp>(fields.subOp())) {
  case SfuOp::Taylor4x:
  case SfuOp::Taylor:
    return preparePolynomial(fields, op, x, shape);
  case SfuOp::Normalize:
    return prepareNormalize(fields, op, x, shape);
  case SfuOp::Rsqrt:
    return prepareRoot(fields, op, x, shape);
  }
  return fields.unsupported();
}
