// One instruction in the making: sets fields, checks rules, collects accesses, and hands the instruction to the
// assembler when every rule held.
#pragma once
#include "tpu_mlir/Target/BM1684X/Assembler.h"

namespace tpu_mlir::bm1684x {

class Emitter {
public:
  template <typename SubOp>
  Emitter(Assembler &assembler, Format format, SubOp op) : assembler(assembler), instruction(format, op) {}

  /// A rule of the hardware or of the method; `rule` completes "<instruction>: … ".
  Emitter &check(bool holds, const char *rule) {
    if (!holds && broken.empty())
      broken = rule;
    return *this;
  }
  template <typename Value> Emitter &set(Field field, Value value) {
    uint64_t bits = static_cast<uint64_t>(value);
    if (instruction.fits(field, bits))
      instruction.set(field, bits);
    else if (broken.empty())
      broken = (name(field) + " cannot hold " + llvm::Twine(static_cast<int64_t>(bits))).str();
    return *this;
  }
  /// Sets a field where the format has it.
  template <typename Value> Emitter &setIfPresent(Field field, Value value) {
    return instruction.has(field) ? set(field, value) : *this;
  }

  /// Checks that a tensor lies in local memory, has a type of the chip and extents of 1 to 65535.
  Emitter &inLocalMemory(const LocalTensor &tensor, const char *role);
  /// Checks offset and strides of the layouts; `alignment` in bytes.
  Emitter &aligned(const LocalTensor &tensor, const char *role, int64_t alignment = lineBytes);
  Emitter &compact(const LocalTensor &tensor, const char *role);
  Emitter &lineAligned(const LocalTensor &tensor, const char *role);
  Emitter &sameLane(const LocalTensor &a, const LocalTensor &b, const char *rule);
  Emitter &sameShape(const LocalTensor &a, const LocalTensor &b, const char *rule) {
    return check(a.shape == b.shape, rule);
  }

  /// Shape, address, type of the result, and that it is written.
  Emitter &result(const LocalTensor &out);
  /// Address (or constant) of operand 0 to 3 and that it is read; its const flag where the format has one.
  Emitter &operand(unsigned index, const Operand &operand);

  void emit();

  Accesses access;

private:
  Assembler &assembler;
  Instruction instruction;
  std::string broken;
  /// The tensors, for the message.
  std::string tensors;
};

/// The code that says how an elementwise operand's elements lie; Free when its strides have to be in the instruction.
StrideMode strideModeOf(const LocalTensor &tensor);

/// Fields and rules of the sliding window that convolutions and poolings share.
void setWindow(Emitter &emitter, const Window2d &window, const LocalTensor &out, const LocalTensor &in,
               int64_t maxInsert);

} // namespace tpu_mlir::bm1684x
