// Matrix products in the two layouts.
#include "Emitter.h"

namespace tpu_mlir::bm1684x {

void Tiu::mm(const FoldedMatrix &out, const FoldedMatrix &left, const FoldedMatrix &right,
             const std::optional<FoldedMatrix> &bias, const MatrixOptions &options) {
  Emitter e(assembler, Format::sMM, MmOp::Normal);
  e.aligned(out.tensor, "result").aligned(left.tensor, "left").aligned(right.tensor, "right");
  int64_t rows = options.leftTransposed ? left.cols : left.rows, inner = options.leftTransposed ? left.rows : left.cols;
  e.check(out.rows == rows && right.rows == inner && right.cols == out.cols, "the matrices' shapes do not fit");
  e.check(right.width == out.width, "right matrix and result have different columns per channel");
  e.sameLane(right.tensor, out.tensor, "right matrix and result start in different lanes");
  e.check(out.tensor.type == ElementType::F32 && left.tensor.type == ElementType::F32 &&
              right.tensor.type == ElementType::F32,
          "a matrix is not F32");
  if (bias) {
    e.aligned(bias->tensor, "bias");
    e.check(bias->rows == 1 && bias->cols == out.cols && bias->width == out.width &&
                bias->tensor.type == ElementType::F32,
            "the bias is not an F32 row with the result's columns");
    e.sameLane(bias->tensor, out.tensor, "bias and result start in different lanes");
  }
  e.set(Field::left_tran, options.leftTransposed ? 1 : 0).set(Field::res_add, options.accumulate ? 1 : 0);
  e.set(Field::res0_prec, Precision::FP32).set(Field::opd0_prec, Precision::FP32);
  e.set(Field::res0_c, out.tensor.c()).set(Field::res0_w, out.width).set(Field::res0_addr, out.tensor.address());
  e.set(Field::opd0_n, left.rows).set(Field::opd0_c, left.tensor.c()).set(Field::opd0_w, left.width);
  e.set(Field::opd1_w, left.lastWidth());
  e.operand(0, left.tensor);
  // The right matrix cannot be a constant and has no flag.
  e.set(Field::opd1_addr, right.tensor.address());
  e.access.read(right.tensor);
  e.access.addressFields.append({Field::opd1_addr, Field::res0_addr});
  e.operand(2, bias ? Operand(bias->tensor) : Operand(Constant::f32(0)));
  if (options.accumulate)
    e.access.read(out.tensor);
  e.access.write(out.tensor);
  e.emit();
}

void Tiu::mm2(const LocalTensor &out, const LocalTensor &left, const LocalTensor &right, Mm2Form form, bool accumulate,
              std::optional<Constant> zeroPoint) {
  Emitter e(assembler, Format::sMM2, static_cast<Mm2Op>(form));
  e.aligned(out, "result").aligned(left, "left").aligned(right, "right");
  for (const LocalTensor *matrix : {&out, &left, &right}) {
    e.check(matrix->n() == 1 && matrix->h() == 1, "a matrix has not the shape [1, rows, 1, cols]");
    e.check(matrix->lane == 0, "a matrix does not start in lane 0");
  }
  // Rows and columns of left and right as the product uses them.
  bool leftStoredTransposed = form == Mm2Form::Tt, rightStoredTransposed = form != Mm2Form::Nn;
  int64_t m = leftStoredTransposed ? left.w() : left.c(), k = leftStoredTransposed ? left.c() : left.w();
  int64_t n = rightStoredTransposed ? right.c() : right.w(), rightK = rightStoredTransposed ? right.w() : right.c();
  bool fits = form == Mm2Form::Tt ? out.c() == n && out.w() == m : out.c() == m && out.w() == n;
  e.check(k == rightK && fits, "the matrices' shapes do not fit");
  bool integer = byteSize(left.type) == 1;
  e.check(integer
              ? byteSize(right.type) == 1 && out.type == ElementType::I32
              : isHalf(left.type) && right.type == left.type && (out.type == left.type || out.type == ElementType::F32),
          "the matrices are neither halves of one type with a half or F32 result, nor 8-bit with an I32 result");
  e.check(integer || !zeroPoint, "only 8-bit matrices have a zero point");
  e.check(!accumulate || form != Mm2Form::Nt, "the form with a transposed right matrix cannot accumulate");
  e.set(Field::res_add, accumulate ? 1 : 0).set(Field::res0_prec, precisionOf(out.type).value_or(Precision::INT8));
  e.set(Field::opd0_prec, precisionOf(left.type).value_or(Precision::INT8));
  e.set(Field::res0_c, out.c()).set(Field::res0_w, out.w()).set(Field::res0_addr, out.address());
  e.set(Field::opd1_c, right.c()).set(Field::opd1_w, right.w());
  e.operand(0, left).operand(1, right);
  if (integer) {
    e.operand(2, zeroPoint.value_or(Constant{right.type, 0}));
    e.set(Field::opd0_sign, isSigned(left.type)).set(Field::opd1_sign, isSigned(right.type));
  }
  if (accumulate) {
    // As in convolutions the old values are read 32 bits wide.
    LocalTensor old = LocalTensor::aligned(out.offset, out.shape, integer ? ElementType::I32 : ElementType::F32, 0);
    e.check(old.endOffset() <= laneBytes, "the 32-bit partial sums end beyond the lane");
    e.access.read(old);
  }
  e.access.write(out);
  e.access.addressFields.push_back(Field::res0_addr);
  e.emit();
}

} // namespace tpu_mlir::bm1684x
