// VC: R[i][j] = A[i] op B[j] for two vectors in folded layout.
#include "Elements.h"
#include "FloatKernels.h"
#include "IntegerArithmetic.h"
#include "Relations.h"

#include <algorithm>

using namespace llvm;
using namespace tpu_mlir;
using namespace tpu_mlir::sim;
using bm1684x::VcOp;

namespace {

struct Correlation {
  Operation op;
  VcOp kind;
  Operand a, b;
  Precision result;
  int64_t lengthA, widthA, channelsB, widthB;
  uint32_t selected = 0;
  int steps = 1;
  RoundMode mode = RoundMode::HalfEven;

  explicit Correlation(FieldReader &fields) : kind(static_cast<VcOp>(fields.subOp())) {
    a = {.precision = fields.precision(Field::opd0_prec), .isSigned = fields.flag(Field::opd0_sign)};
    b = {.precision = fields.precision(Field::opd1_prec), .isSigned = fields.flag(Field::opd1_sign)};
    result = fields.precision(Field::res0_prec);
    int64_t channelsA = fields.size(Field::opd0_c), last = fields.size(Field::opd1_w);
    widthA = fields.size(Field::opd0_w), channelsB = fields.size(Field::res0_c), widthB = fields.size(Field::res0_w);
    lengthA = (channelsA - 1) * widthA + last;
    fields.require(channelsA >= 1 && last >= 1 && last <= widthA, "the first vector has a wrong length");
    fields.require(a.precision == b.precision, "the vectors have different types");
    if (isFloat(a.precision) && !isSelection())
      fields.require(result == a.precision && floatOp(), "this operation or result type does not exist for floats");
    else
      fields.require(isSelection() || (!isFloat(a.precision) && !isFloat(result)), "integers with a float result");
    fields.require(kind != VcOp::Div || a.precision == Precision::F32, "division exists in f32 only");
    if (fields.failed())
      return;
    a.read = op.addRead(alignedRegion(fields[Field::opd0_addr], {1, channelsA, 1, widthA}, byteWidth(a.precision)));
    b.read = op.addRead(alignedRegion(fields[Field::opd1_addr], {1, channelsB, 1, widthB}, byteWidth(b.precision)));
    op.addWrite(alignedRegion(fields[Field::res0_addr], {lengthA, channelsB, 1, widthB}, byteWidth(result)));
    selected = static_cast<uint32_t>(fields[Field::opd2_addr]);
    if (kind == VcOp::Div)
      steps = static_cast<int>(fields[Field::opd2_n_str] & 3) + 1;
    else if (kind == VcOp::MulDHR)
      mode = fields.rounding();
  }

  bool isSelection() const {
    return kind == VcOp::SelectGreat || kind == VcOp::SelectEqual || kind == VcOp::SelectLess;
  }
  std::optional<FloatOp> floatOp() const {
    switch (kind) {
    case VcOp::Mul:
      return FloatOp::Mul;
    case VcOp::Add:
      return FloatOp::Add;
    case VcOp::Sub:
      return FloatOp::Sub;
    case VcOp::Max:
      return FloatOp::Max;
    case VcOp::Min:
      return FloatOp::Min;
    case VcOp::Div:
      return FloatOp::Div;
    default:
      return std::nullopt;
    }
  }
  Piece elementOfA(int64_t i) const { return {0, i / widthA, i % widthA, 1}; }

  void row(const PieceAccess &access, const Piece &piece) const {
    Piece right{0, piece.c, piece.begin, piece.count};
    if (isSelection()) {
      uint32_t x[pieceElements], y[pieceElements];
      uint8_t holds[pieceElements];
      access.load(a, elementOfA(piece.n), x);
      std::fill_n(x + 1, piece.count - 1, x[0]);
      access.load(b, right, y);
      Relation relation = kind == VcOp::SelectGreat   ? Relation::Greater
                          : kind == VcOp::SelectEqual ? Relation::Equal
                                                      : Relation::Less;
      compareBits(relation, a.precision, a.isSigned, x, y, holds, piece.count);
      for (int64_t i = 0; i < piece.count; ++i)
        y[i] = holds[i] ? selected : 0;
      return access.store(0, result, piece, y);
    }
    if (isFloat(a.precision)) {
      alignas(64) float x[pieceElements], y[pieceElements];
      access.load(a, elementOfA(piece.n), x);
      std::fill_n(x + 1, piece.count - 1, x[0]);
      access.load(b, right, y);
      TPU_SIMD_DISPATCH(sim, combineFloats)(*floatOp(), a.precision, steps, x, y, y, piece.count);
      if ((kind == VcOp::Max || kind == VcOp::Min) && isHalf(a.precision))
        return storeExtremes(access, piece, right, y);
      return access.store(0, result, piece, y);
    }
    int64_t x, y[pieceElements];
    access.load(a, elementOfA(piece.n), &x);
    access.load(b, right, y);
    for (int64_t i = 0; i < piece.count; ++i)
      y[i] = integer(x, y[i]);
    access.store(0, result, piece, y);
  }

  /// The NaN that a maximum (B) or minimum (A) of halves selects keeps its bits.
  void storeExtremes(const PieceAccess &access, const Piece &piece, const Piece &right, const float *values) const {
    uint32_t chosen[pieceElements];
    if (kind == VcOp::Max) {
      access.load(b, right, chosen);
    } else {
      access.load(a, elementOfA(piece.n), chosen);
      std::fill_n(chosen + 1, piece.count - 1, chosen[0]);
    }
    access.storeHalves(0, result, piece, values, chosen);
  }

  int64_t integer(int64_t x, int64_t y) const {
    auto bounded = [&](Wide value, bool isSigned) {
      kernels::IntRange range = rangeOf(result, isSigned);
      return static_cast<int64_t>(std::clamp<Wide>(value, range.low, range.high));
    };
    bool isSigned = a.isSigned || b.isSigned;
    switch (kind) {
    case VcOp::Mul:
      return static_cast<int64_t>(Wide{x} * y);
    case VcOp::Add:
      return x + y;
    case VcOp::Sub:
      return x - y;
    case VcOp::Max:
      return std::max(x, y);
    case VcOp::Min:
      return std::min(x, y);
    case VcOp::And:
      return x & y;
    case VcOp::Or:
      return x | y;
    case VcOp::Xor:
      return x ^ y;
    case VcOp::Adds:
      return bounded(x + y, isSigned);
    case VcOp::Subs:
      return bounded(x - y, true);
    case VcOp::Muls:
      return bounded(Wide{x} * y, isSigned);
    case VcOp::MulDHR:
      return shiftSaturated(Wide{2} * x * y, -bitWidth(a.precision), mode, rangeOf(result, a.isSigned));
    default:
      return 0;
    }
  }
};

} // namespace

Prepared sim::prepareVectorCorrelation(const Instruction &insn) {
  FieldReader fields(insn);
  auto correlation = std::make_shared<Correlation>(fields);
  if (Error error = fields.takeError())
    return error;
  Operation op = correlation->op;
  op.run = [correlation](const Context &context) {
    PieceAccess access(correlation->op, context);
    forEachPiece(correlation->op.writes[0].shape, [&](const Piece &piece) { correlation->row(access, piece); });
    return Error::success();
  };
  return op;
}
