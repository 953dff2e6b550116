// CMP: R = A rel B ? C : D, and the forms that give the maximum or minimum of A and B too.
#include "Elements.h"
#include "Relations.h"

using namespace llvm;
using namespace tpu_mlir;
using namespace tpu_mlir::sim;
using bm1684x::CmpOp;
using bm1684x::StrideMode;

Prepared sim::prepareCompare(const Instruction &insn) {
  FieldReader fields(insn);
  auto cmpOp = static_cast<CmpOp>(fields.subOp());
  bool withExtreme = cmpOp == CmpOp::MaxSelectGreat || cmpOp == CmpOp::MinSelectLess;
  Relation relation = cmpOp == CmpOp::SelectEqual                                     ? Relation::Equal
                      : cmpOp == CmpOp::MaxSelectGreat || cmpOp == CmpOp::SelectGreat ? Relation::Greater
                                                                                      : Relation::Less;
  Precision compared = fields.precision(Field::opd0_prec), selected = fields.precision(Field::opd2_prec);
  bool isSigned = fields.flag(Field::opd0_sign);
  Shape shape = fields.resultShape();
  Operation op;
  auto operand = [&](Field isConstant, Field address, Precision precision, uint64_t layout) {
    Operand operand{.precision = precision,
                    .isConstant = fields.flag(isConstant),
                    .constant = static_cast<uint32_t>(fields[address])};
    fields.require(operand.isConstant || layout == static_cast<uint64_t>(StrideMode::Aligned) ||
                       layout == static_cast<uint64_t>(StrideMode::Free),
                   "layout code " + Twine(layout) + " of an operand is not supported");
    if (operand.isConstant)
      return operand;
    // Free here means one value per lane for all elements.
    Region region = layout ? stridedRegion(fields[address], shape, {0, 0, 0, 0}, byteWidth(precision))
                           : alignedRegion(fields[address], shape, byteWidth(precision));
    operand.read = op.addRead(region);
    return operand;
  };
  Operand a = operand(Field::opd0_const, Field::opd0_addr, compared, fields[Field::opd0_str]);
  Operand b = operand(Field::opd1_const, Field::opd1_addr, compared, fields[Field::opd1_str]);
  Operand c = operand(Field::opd2_const, Field::opd2_addr, selected, 0);
  Operand d = operand(Field::opd3_const, Field::opd3_addr, selected, 0);
  if (withExtreme)
    op.addWrite(alignedRegion(fields[Field::res0_addr], shape, byteWidth(compared)));
  int selection =
      op.addWrite(alignedRegion(fields[withExtreme ? Field::res1_addr : Field::res0_addr], shape, byteWidth(selected)));
  if (Error error = fields.takeError())
    return error;
  Operation description = op;
  op.run = [=](const Context &context) {
    PieceAccess access(description, context);
    forEachPiece(shape, [&](const Piece &piece) {
      uint32_t left[pieceElements], right[pieceElements], first[pieceElements], second[pieceElements];
      uint8_t holds[pieceElements];
      access.load(a, piece, left);
      access.load(b, piece, right);
      access.load(c, piece, first);
      access.load(d, piece, second);
      compareBits(relation, compared, isSigned, left, right, holds, piece.count);
      for (int64_t i = 0; i < piece.count; ++i) {
        first[i] = holds[i] ? first[i] : second[i];
        left[i] = flushBits(compared, holds[i] ? left[i] : right[i]);
      }
      if (withExtreme)
        access.store(0, compared, piece, left);
      access.store(selection, selected, piece, first);
    });
    return Error::success();
  };
  return op;
}
