// AR instructions on floats: arithmetic, comparison with selection, bit operations that ignore the type.
#include "ElementwiseOperands.h"
#include "FloatKernels.h"
#include "Relations.h"

using namespace llvm;
using namespace tpu_mlir;
using namespace tpu_mlir::sim;
using bm1684x::ArOp;

namespace {

std::optional<FloatOp> floatOpOf(ArOp op) {
  switch (op) {
  case ArOp::Mul:
    return FloatOp::Mul;
  case ArOp::Add:
    return FloatOp::Add;
  case ArOp::Sub:
    return FloatOp::Sub;
  case ArOp::Max:
    return FloatOp::Max;
  case ArOp::Min:
    return FloatOp::Min;
  case ArOp::AbsDiff:
    return FloatOp::AbsDiff;
  case ArOp::Div:
    return FloatOp::Div;
  case ArOp::Mac:
    return FloatOp::MultiplyAdd;
  default:
    return std::nullopt;
  }
}

Prepared prepareArithmetic(FieldReader &fields, ElementwiseOperands operands, FloatOp floatOp) {
  Precision precision = operands.a.precision;
  fields.require(operands.b.precision == precision && operands.result == precision,
                 "float operands and result have different types");
  fields.require((floatOp != FloatOp::Div && floatOp != FloatOp::MultiplyAdd) || precision == Precision::F32,
                 "this operation exists in f32 only");
  int steps = floatOp == FloatOp::Div ? static_cast<int>(fields[Field::opd2_n_str] & 3) + 1 : 0;
  int old = floatOp == FloatOp::MultiplyAdd ? operands.op.addRead(operands.op.writes[0]) : -1;
  if (Error error = fields.takeError())
    return error;
  return std::move(operands).finish([=](const PieceAccess &access, const ElementwiseOperands &o, const Piece &piece) {
    alignas(64) float a[pieceElements], b[pieceElements], result[pieceElements];
    access.load(o.a, piece, a);
    access.load(o.b, piece, b);
    if (old >= 0)
      access.load(Operand{.precision = precision, .read = old}, piece, result);
    TPU_SIMD_DISPATCH(sim, combineFloats)(floatOp, precision, steps, a, b, result, piece.count);
    if (isHalf(precision) && (floatOp == FloatOp::Max || floatOp == FloatOp::Min)) {
      // The NaN that a maximum (B) or minimum (A) selects keeps its bits.
      uint32_t selected[pieceElements];
      access.load(floatOp == FloatOp::Max ? o.b : o.a, piece, selected);
      return access.storeHalves(0, precision, piece, result, selected);
    }
    access.store(0, precision, piece, result);
  });
}

} // namespace

Prepared sim::prepareElementwise(const Instruction &insn) {
  FieldReader fields(insn);
  auto op = static_cast<ArOp>(fields.subOp());
  if (std::optional<FloatOp> floatOp = floatOpOf(op))
    return prepareArithmetic(fields, ElementwiseOperands(fields, 2), *floatOp);
  switch (op) {
  case ArOp::SelectGreat:
  case ArOp::SelectEqual:
  case ArOp::SelectLess:
    return prepareSelect(fields);
  case ArOp::Copy:
  case ArOp::Abs:
  case ArOp::Not:
  case ArOp::And:
  case ArOp::Or:
  case ArOp::Xor:
    return prepareBitOperation(fields);
  default:
    return fields.unsupported();
  }
}
