// LIN: A·B + C, (A + B)² and (A − B)² with B and C per channel or constant.
#include "Elements.h"
#include "FloatKernels.h"

using namespace llvm;
using namespace tpu_mlir;
using namespace tpu_mlir::sim;
using bm1684x::LinOp;

Prepared sim::prepareLinear(const Instruction &insn) {
  FieldReader fields(insn);
  auto linOp = static_cast<LinOp>(fields.subOp());
  Precision precision = fields.precision(Field::res0_prec);
  fields.require(isFloat(precision), "the operands are not floats");
  Shape shape = fields.resultShape();
  int bytes = byteWidth(precision);
  Operation op;
  Operand a{.precision = precision, .read = op.addRead(alignedRegion(fields[Field::opd0_addr], shape, bytes))};
  auto channelOperand = [&](Field isConstant, Field address) {
    Operand operand{.precision = precision,
                    .isConstant = fields.flag(isConstant),
                    .constant = static_cast<uint32_t>(fields[address])};
    if (!operand.isConstant)
      operand.read = op.addRead(perChannelRegion(fields[address], shape, bytes));
    return operand;
  };
  Operand b = channelOperand(Field::opd1_const, Field::opd1_addr), c;
  if (linOp == LinOp::Mac)
    c = channelOperand(Field::opd2_const, Field::opd2_addr);
  op.addWrite(alignedRegion(fields[Field::res0_addr], shape, bytes));
  if (Error error = fields.takeError())
    return error;
  Operation description = op;
  op.run = [=](const Context &context) {
    PieceAccess access(description, context);
    forEachPiece(shape, [&](const Piece &piece) {
      alignas(64) float x[pieceElements], y[pieceElements], z[pieceElements];
      access.load(a, piece, x);
      access.load(b, piece, y);
      auto combine = TPU_SIMD_DISPATCH(sim, combineFloats);
      if (linOp == LinOp::Mac) {
        access.load(c, piece, z);
        combine(FloatOp::Mul, precision, 0, x, y, x, piece.count);
        combine(FloatOp::Add, precision, 0, x, z, x, piece.count);
      } else {
        combine(linOp == LinOp::SquareSum ? FloatOp::SquareSum : FloatOp::SquareDiff, precision, 0, x, y, x,
                piece.count);
      }
      access.store(0, precision, piece, x);
    });
    return Error::success();
  };
  return op;
}
