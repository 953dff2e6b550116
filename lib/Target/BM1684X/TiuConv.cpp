// Convolution, depthwise convolution, pooling.
#include "Emitter.h"

namespace tpu_mlir::bm1684x {
namespace {

bool isByte(ElementType type) { return byteSize(type) == 1; }

/// Address rule of a convolution's result: partial sums of 16 lines, then 8 bytes for halves, four results for 8-bit.
int64_t resultAlignment(ElementType type) {
  return byteSize(type) == 4 ? lineBytes : isHalf(type) ? 8 : 4 * static_cast<int64_t>(byteSize(type));
}

void setInput(Emitter &e, const LocalTensor &in) {
  e.inLocalMemory(in, "input");
  bool isAligned = in.hasStridesOf(alignedStrides(in.shape, in.type, in.lane)) && in.offset % lineBytes == 0;
  e.check(in.layout != Layout::ConvWeight, "packed weights stand where the input is needed");
  e.check(byteSize(in.type) == 4 || in.lane == 0, "an 8 or 16 bit input has to start in lane 0");
  e.set(Field::opd0_prec, precisionOf(in.type).value_or(Precision::INT8)).set(Field::opd0_c, in.c());
  e.set(Field::opd0_str, isAligned ? StrideMode::Aligned : StrideMode::Free);
  if (!isAligned) {
    e.set(Field::opd0_n_str, in.n() > 1 ? in.strides[0] : 0).set(Field::opd0_c_str, in.slots() > 1 ? in.strides[1] : 0);
    e.set(Field::opd0_h_str, in.h() > 1 ? in.strides[2] : 0).set(Field::opd0_w_str, in.w() > 1 ? in.strides[3] : 0);
  }
  e.operand(0, in);
}

void setWeight(Emitter &e, const Operand &weight, const LocalTensor &out, const LocalTensor &in,
               const Window2d &window) {
  if (weight.isTensor()) {
    const LocalTensor &tensor = weight.tensor();
    e.inLocalMemory(tensor, "weight");
    e.check(tensor.layout == Layout::ConvWeight, "the weight is not packed for convolution");
    e.check(tensor.shape == Dims{out.c(), in.c(), window.kernel.h, window.kernel.w},
            "the weight's shape does not follow from result, input and window");
    e.sameLane(tensor, out, "weight and result start in different lanes");
    e.check(byteSize(tensor.type) == 4 || tensor.offset % lineBytes == 0,
            "the address of 8 or 16 bit weights is not a multiple of 64");
  }
  e.operand(1, weight);
}

/// A compact per-channel operand in the result's lane, or a constant.
void setPerChannel(Emitter &e, unsigned index, const Operand &operand, const LocalTensor &out, const char *role) {
  if (operand.isTensor()) {
    e.compact(operand.tensor(), role);
    e.check(operand.tensor().shape == Dims{1, out.c(), 1, 1}, "a per-channel operand has not the shape [1, c, 1, 1]");
    e.sameLane(operand.tensor(), out, "a per-channel operand starts in another lane than the result");
  }
  e.operand(index, operand);
}

void setAccumulate(Emitter &e, const LocalTensor &out, bool accumulate) {
  e.set(Field::res_add, accumulate ? 1 : 0);
  if (!accumulate)
    return;
  // The old values are read as 32-bit tensor even when halves are written.
  ElementType wide = isFloat(out.type) ? ElementType::F32 : ElementType::I32;
  LocalTensor old = LocalTensor::aligned(out.offset, out.shape, wide, out.lane);
  e.check(old.endOffset() <= laneBytes, "the 32-bit partial sums end beyond the lane");
  e.access.read(old);
}

/// Both sides of a depthwise convolution or pooling.
void setPlanes(Emitter &e, const LocalTensor &out, const LocalTensor &in, const Window2d &window) {
  e.aligned(out, "result").aligned(in, "input");
  e.sameLane(out, in, "input and result start in different lanes");
  e.check(out.c() == in.c(), "input and result have different channels");
  e.check(isFloat(in.type) ? out.type == in.type : isByte(in.type) && !isFloat(out.type),
          "input and result types do not go together");
  e.set(Field::opd0_prec, precisionOf(in.type).value_or(Precision::INT8));
  setWindow(e, window, out, in, 7);
  e.operand(0, in);
  e.result(out);
}

} // namespace

void Tiu::conv(const LocalTensor &out, const LocalTensor &in, const Operand &weight, const std::optional<Operand> &bias,
               const Window2d &window, const ConvOptions &options) {
  Emitter e(assembler, Format::sCONV, ConvOp::Normal);
  e.aligned(out, "result", resultAlignment(out.type));
  setInput(e, in);
  setWindow(e, window, out, in, 14);
  setWeight(e, weight, out, in, window);
  e.check(isFloat(in.type) && weight.type() == in.type, "input and weight are not of one floating-point type");
  e.check(out.type == in.type || (isHalf(in.type) && out.type == ElementType::F32),
          "the result is neither F32 nor of the input's type");
  e.check(!bias || bias->type() == ElementType::F32, "the bias is not F32");
  setPerChannel(e, 2, bias.value_or(Constant::f32(0)), out, "bias");
  e.set(Field::opd3_const, 1).set(Field::opd3_addr, options.padValue).set(Field::res1_addr, options.insertValue);
  setAccumulate(e, out, options.accumulate);
  e.result(out);
  e.emit();
}

void Tiu::convInt8(const LocalTensor &out, const LocalTensor &in, const Operand &weight, const Operand &zeroPoint,
                   const Window2d &window, const ConvOptions &options) {
  Emitter e(assembler, Format::sCONV, ConvOp::Normal);
  e.aligned(out, "result", resultAlignment(out.type));
  setInput(e, in);
  setWindow(e, window, out, in, 14);
  setWeight(e, weight, out, in, window);
  e.check(isByte(in.type) && isByte(weight.type()) && isByte(zeroPoint.type()),
          "input, weight and zero point are not 8-bit");
  bool wide = byteSize(out.type) == 4 && !isFloat(out.type);
  e.check(wide || (byteSize(out.type) == 2 && !isFloat(out.type)),
          "the result is neither a 32-bit nor a 16-bit integer");
  e.check(!options.accumulate || wide, "only 32-bit results can be accumulated");
  setPerChannel(e, 2, zeroPoint, out, "zero point");
  e.set(Field::opd0_sign, isSigned(in.type)).set(Field::opd1_sign, isSigned(weight.type()));
  e.set(Field::opd2_sign, isSigned(zeroPoint.type()));
  e.set(Field::opd3_const, 1).set(Field::opd3_addr, options.padValue).set(Field::res1_addr, options.insertValue);
  setAccumulate(e, out, options.accumulate);
  e.result(out);
  e.emit();
}

void Tiu::convInt8Shift(const LocalTensor &out, const LocalTensor &in, const Operand &weight, const Operand &bias,
                        const Window2d &window, const ConvShiftOptions &options) {
  Emitter e(assembler, Format::sCONV, options.relu ? ConvOp::WrqRelu : ConvOp::Wrq);
  e.aligned(out, "result", resultAlignment(out.type));
  setInput(e, in);
  setWindow(e, window, out, in, 14);
  setWeight(e, weight, out, in, window);
  e.check(isByte(in.type) && isByte(weight.type()), "input and weight are not 8-bit");
  e.check(byteSize(bias.type()) == 2 && !isFloat(bias.type()), "the bias is not a 16-bit integer");
  e.check(byteSize(out.type) <= 2 && !isFloat(out.type), "the result is not an 8 or 16 bit integer");
  e.check(options.shift >= 0 && options.shift <= 31, "the shift is not in 0..31");
  setPerChannel(e, 2, bias, out, "bias");
  e.set(Field::opd0_sign, isSigned(in.type)).set(Field::opd1_sign, isSigned(weight.type()));
  e.set(Field::opd2_sign, isSigned(bias.type()));
  e.set(Field::opd3_const, 1).set(Field::opd3_addr, options.shift);
  e.result(out);
  e.emit();
}

void Tiu::depthwise(const LocalTensor &out, const LocalTensor &in, const Operand &weight,
                    const std::optional<Operand> &bias, const Window2d &window, const DepthwiseOptions &options) {
  Emitter e(assembler, Format::sPorD, options.relu ? PordOp::DepthwiseRelu : PordOp::Depthwise);
  setPlanes(e, out, in, window);
  bool integer = !isFloat(in.type);
  if (weight.isTensor()) {
    e.compact(weight.tensor(), "weight");
    e.check(weight.tensor().shape == Dims{1, out.c(), window.kernel.h, window.kernel.w},
            "the weight has not the shape [1, c, kh, kw]");
    e.sameLane(weight.tensor(), out, "weight and result start in different lanes");
  }
  ElementType biasType = integer ? ElementType::I32 : in.type;
  e.check(integer ? isByte(weight.type()) : weight.type() == in.type, "the weight's type does not go with the input");
  e.check(!bias || bias->type() == biasType, "the bias has neither the data's type nor, for 8-bit data, I32");
  e.check(integer || (!options.relu && options.shift == 0), "shift and relu exist for 8-bit data only");
  e.check(options.shift >= 0 && options.shift <= 31, "the shift is not in 0..31");
  e.operand(1, weight);
  setPerChannel(e, 2, bias.value_or(Constant{biasType, 0}), out, "bias");
  e.set(Field::opd3_const, 1).set(Field::opd3_addr, options.padValue);
  if (integer) {
    e.set(Field::opd0_sign, isSigned(in.type)).set(Field::opd1_sign, isSigned(weight.type()));
    e.set(Field::opd2_sign, bias ? 1 : 0).set(Field::opd2_n_str, options.rounding);
    e.set(Field::res1_addr, options.shift << 8 | (options.insertValue & 0xFF));
  }
  e.emit();
}

void Tiu::avgPool(const LocalTensor &out, const LocalTensor &in, Constant scale, const Window2d &window,
                  int64_t shift) {
  Emitter e(assembler, Format::sPorD, PordOp::AvgPool);
  setPlanes(e, out, in, window);
  bool integer = !isFloat(in.type);
  e.check(integer ? scale.type == ElementType::U8 : scale.type == in.type,
          "the scale has neither the data's type nor, for 8-bit data, U8");
  e.check(integer ? shift >= 0 && shift <= 31 : shift == 0, "the shift is not in 0..31, or the data is not 8-bit");
  e.operand(1, scale);
  e.set(Field::opd2_addr, shift).set(Field::opd2_n_str, Rounding::HalfUp).set(Field::opd3_const, 1);
  e.set(Field::opd0_sign, integer && isSigned(in.type));
  e.emit();
}

void Tiu::maxPool(const LocalTensor &out, const LocalTensor &in, const Window2d &window, uint32_t padValue) {
  Emitter e(assembler, Format::sPorD, PordOp::MaxPool);
  setPlanes(e, out, in, window);
  e.check(out.type == in.type, "input and result have different types");
  e.set(Field::opd3_const, 1).set(Field::opd3_addr, padValue);
  e.set(Field::opd0_sign, !isFloat(in.type) && isSigned(in.type));
  e.emit();
}

} // namespace tpu_mlir::bm1684x
