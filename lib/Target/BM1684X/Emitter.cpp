// Rules that many instructions share.
#include "Emitter.h"

using namespace llvm;

namespace tpu_mlir::bm1684x {
namespace {

constexpr Field addressFields[] = {Field::opd0_addr, Field::opd1_addr, Field::opd2_addr, Field::opd3_addr};
constexpr Field constantFields[] = {Field::opd0_const, Field::opd1_const, Field::opd2_const, Field::opd3_const};

bool fitsExtents(const Dims &shape) {
  return llvm::all_of(shape, [](int64_t extent) { return extent >= 1 && extent <= maxExtent; });
}

} // namespace

Emitter &Emitter::inLocalMemory(const LocalTensor &tensor, const char *role) {
  tensors += (Twine(tensors.empty() ? " " : ", ") + role + " " + tensor.str()).str();
  check(precisionOf(tensor.type).has_value(), "a tensor has a type that the chip does not know");
  check(fitsExtents(tensor.shape), "an extent is not in 1..65535");
  check(tensor.lane < numLanes, "a start lane is not in 0..63");
  if (broken.empty()) {
    check(tensor.endOffset() <= laneBytes, "a tensor ends beyond its lane");
    check(tensor.offset % tensor.itemBytes() == 0, "an address is not a multiple of the element size");
  }
  return *this;
}

Emitter &Emitter::aligned(const LocalTensor &tensor, const char *role, int64_t alignment) {
  inLocalMemory(tensor, role);
  if (broken.empty()) {
    check(tensor.layout != Layout::ConvWeight, "packed weights stand where an aligned tensor is needed");
    check(tensor.hasStridesOf(alignedStrides(tensor.shape, tensor.type, tensor.lane)), "a tensor is not aligned");
    check(tensor.offset % alignment == 0, "the address of an aligned tensor is not a multiple of its alignment");
  }
  return *this;
}

Emitter &Emitter::compact(const LocalTensor &tensor, const char *role) {
  inLocalMemory(tensor, role);
  if (broken.empty())
    check(tensor.layout != Layout::ConvWeight && tensor.hasStridesOf(compactStrides(tensor.shape, tensor.lane)),
          "a tensor is not compact");
  return *this;
}

Emitter &Emitter::lineAligned(const LocalTensor &tensor, const char *role) {
  inLocalMemory(tensor, role);
  if (broken.empty()) {
    check(tensor.layout != Layout::ConvWeight &&
              tensor.hasStridesOf(lineAlignedStrides(tensor.shape, tensor.type, tensor.lane)),
          "a tensor is not line-aligned");
    check(tensor.offset % lineBytes == 0, "the address of a line-aligned tensor is not a multiple of 64");
  }
  return *this;
}

Emitter &Emitter::sameLane(const LocalTensor &a, const LocalTensor &b, const char *rule) {
  return check(a.lane == b.lane, rule);
}

Emitter &Emitter::result(const LocalTensor &out) {
  if (!broken.empty())
    return *this;
  set(Field::res0_n, out.n()).set(Field::res0_c, out.c()).set(Field::res0_h, out.h()).set(Field::res0_w, out.w());
  set(Field::res0_addr, out.address());
  setIfPresent(Field::res0_prec, *precisionOf(out.type));
  access.write(out);
  access.addressFields.push_back(Field::res0_addr);
  return *this;
}

Emitter &Emitter::operand(unsigned index, const Operand &operand) {
  if (!broken.empty())
    return *this;
  set(addressFields[index], operand.bits());
  setIfPresent(constantFields[index], operand.isConstant() ? 1 : 0);
  check(operand.isTensor() || instruction.has(constantFields[index]), "a constant stands where a tensor is needed");
  access.read(operand);
  if (operand.isTensor())
    access.addressFields.push_back(addressFields[index]);
  return *this;
}

void Emitter::emit() {
  if (broken.empty())
    assembler.append(instruction, access);
  else
    assembler.fail(Twine(instruction.name()) + " " + instruction.subOpName() + tensors + ": " + broken);
}

StrideMode strideModeOf(const LocalTensor &tensor) {
  bool onLine = tensor.offset % lineBytes == 0;
  if (onLine && tensor.hasStridesOf(alignedStrides(tensor.shape, tensor.type, tensor.lane)))
    return StrideMode::Aligned;
  if (onLine && tensor.hasStridesOf(compactStrides(tensor.shape, tensor.lane)))
    return StrideMode::Compact;
  if (onLine && tensor.hasStridesOf({0, 1, 0, 0}))
    return StrideMode::PerChannel;
  return StrideMode::Free;
}

void setWindow(Emitter &emitter, const Window2d &window, const LocalTensor &out, const LocalTensor &in,
               int64_t maxInsert) {
  auto within = [&](int64_t value, int64_t low, int64_t high, const char *rule) {
    emitter.check(value >= low && value <= high, rule);
  };
  auto extent = [](int64_t in, int64_t insert, int64_t pads, int64_t dilation, int64_t kernel, int64_t stride) {
    return ((in - 1) * (insert + 1) + 1 + pads - (dilation * (kernel - 1) + 1)) / stride + 1;
  };
  for (int64_t kernel : {window.kernel.h, window.kernel.w})
    within(kernel, 1, maxExtent, "a kernel extent is not in 1..65535");
  for (int64_t stride : {window.stride.h, window.stride.w})
    within(stride, 1, 15, "a window stride is not in 1..15");
  for (int64_t dilation : {window.dilation.h, window.dilation.w})
    within(dilation, 1, 16, "a dilation is not in 1..16");
  for (int64_t insert : {window.insert.h, window.insert.w})
    within(insert, 0, maxInsert, "too many inserted pixels");
  for (int64_t pad : {window.pad.top, window.pad.bottom, window.pad.left, window.pad.right})
    within(pad, 0, 15, "a padding is not in 0..15");
  int64_t h = extent(in.h(), window.insert.h, window.pad.top + window.pad.bottom, window.dilation.h, window.kernel.h,
                     std::max<int64_t>(window.stride.h, 1));
  int64_t w = extent(in.w(), window.insert.w, window.pad.left + window.pad.right, window.dilation.w, window.kernel.w,
                     std::max<int64_t>(window.stride.w, 1));
  emitter.check(h == out.h() && w == out.w(), "the result's h and w do not follow from input and window");
  emitter.check(in.n() == out.n(), "input and result have different batches");
  emitter.set(Field::opd0_h, in.h()).set(Field::opd0_w, in.w());
  emitter.set(Field::opd1_h, window.kernel.h).set(Field::opd1_w, window.kernel.w);
  emitter.set(Field::res_op_y_str, window.stride.h).set(Field::res_op_x_str, window.stride.w);
  emitter.set(Field::opd1_y_ins0, window.dilation.h - 1).set(Field::opd1_x_ins0, window.dilation.w - 1);
  emitter.set(Field::opd0_y_ins0, window.insert.h).set(Field::opd0_x_ins0, window.insert.w);
  emitter.set(Field::opd0_up_pad, window.pad.top).set(Field::opd0_dn_pad, window.pad.bottom);
  emitter.set(Field::opd0_lf_pad, window.pad.left).set(Field::opd0_rt_pad, window.pad.right);
  emitter.set(Field::pad_mode, window.padMode).set(Field::kernel_rotate, window.rotateKernel ? 1 : 0);
}

} // namespace tpu_mlir::bm1684x
