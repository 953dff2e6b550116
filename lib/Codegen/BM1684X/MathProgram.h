// Straight-line elementwise arithmetic of a tile as a value: built once per op from named steps, then replayed for
// every tile. A program knows its steps, how many temporaries of a tile it needs, its coefficient tables and its price,
// so an op's planning and its emission can not disagree. What functions are made of is in Functions.h.
#pragma once
#include "tpu_mlir/Dialect/Top/IR/Quantization.h"
#include "tpu_mlir/Support/Tensor.h"
#include "tpu_mlir/Target/BM1684X/Assembler.h"
#include "tpu_mlir/Target/BM1684X/Tensors.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"

#include <optional>
#include <vector>

namespace tpu_mlir::codegen {

/// What one step does with its arguments A, B, C, D. Integer steps work on the bits of 32-bit values.
enum class MathStep : uint8_t {
  Input,         ///< operand of the op, read in place
  Widen,         ///< A from a half type or an integer to f32
  Dequantize,    ///< (A - B) * C, A an 8-bit operand, B its zero point as raw bits, C the scale
  Add,           ///< A + B
  Sub,           ///< A - B
  Mul,           ///< A * B
  Max,           ///< max(A, B)
  Min,           ///< min(A, B)
  Div,           ///< A / B with `amount` Newton steps
  Abs,           ///< |A|
  Copy,          ///< A
  Mac,           ///< A + B * C, two roundings
  Linear,        ///< A * B + C, two roundings, B and C constants
  SquareSum,     ///< (A + B)^2, two roundings, B constant
  Polynomial,    ///< coefficients of table `amount`, ascending powers of A
  Rsqrt,         ///< 1 / sqrt(A)
  RoundTo,       ///< A rounded to an integral value with hardware rounding mode `amount`
  SelectGreater, ///< A > B ? C : 0, C constant
  SelectLess,    ///< A < B ? C : 0, C constant
  ChooseGreater, ///< A > B ? C : D
  ChooseEqual,   ///< bits of A == bits of B ? C : D
  Exponent,      ///< integer: biased exponent of A (rounded up from a mantissa of 4/3 on)
  IntAddShift,   ///< integer: (A + B) << amount, truncated
  IntSubShift,   ///< integer: (A - B) << amount, truncated
  IntToFloat,    ///< float of the integer A
  Xor,           ///< bits of A ^ bits of B
  And,           ///< bits of A & bits of B
};

/// A value of a program.
struct MathValue {
  int id = -1;
};

/// An argument of a step: a value, or a constant by its bits in the type of the program.
struct MathArg {
  int id = -1;
  float constant = 0;
  uint32_t bits = 0;
  bool isConstant = false, isRaw = false;
  MathArg() = default;
  MathArg(MathValue value) : id(value.id) {}
  MathArg(double value) : constant(static_cast<float>(value)), isConstant(true) {}
  static MathArg raw(uint32_t bits) {
    MathArg arg;
    arg.isConstant = arg.isRaw = true;
    arg.bits = bits;
    return arg;
  }
};

class MathProgram {
public:
  /// Computes in `type`: F32, F16 and BF16 natively, or I8 and U8 where steps only compare and copy.
  explicit MathProgram(ElementType type) : type(type) {}
  ElementType computeType() const { return type; }

  using Quantized = std::optional<top::Quantization>;

  /// Operand `operand` of the op, which is stored in `stored`; in an f32 program a half or integer operand is widened,
  /// a quantized one dequantized.
  MathValue input(unsigned operand, ElementType stored, const Quantized &quantization = {});

  MathValue add(MathArg a, MathArg b) { return step(MathStep::Add, {a, b}); }
  MathValue sub(MathArg a, MathArg b) { return step(MathStep::Sub, {a, b}); }
  MathValue mul(MathArg a, MathArg b) { return step(MathStep::Mul, {a, b}); }
  MathValue max(MathArg a, MathArg b) { return step(MathStep::Max, {a, b}); }
  MathValue min(MathArg a, MathArg b) { return step(MathStep::Min, {a, b}); }
  MathValue clamp(MathArg a, double low, double high) { return min(max(a, low), high); }
  MathValue div(MathArg a, MathArg b, int iterations = 3) { return step(MathStep::Div, {a, b}, iterations); }
  MathValue abs(MathArg a) { return step(MathStep::Abs, {a}); }
  MathValue copy(MathArg a) { return step(MathStep::Copy, {a}); }
  MathValue mac(MathValue sum, MathArg a, MathArg b);
  MathValue linear(MathValue a, double scale, double offset) { return step(MathStep::Linear, {a, scale, offset}); }
  MathValue squareSum(MathValue a, double offset) { return step(MathStep::SquareSum, {a, offset}); }
  MathValue polynomial(MathValue x, llvm::ArrayRef<float> coefficients);
  MathValue rsqrt(MathValue x) { return step(MathStep::Rsqrt, {x}); }
  MathValue roundTo(MathValue x, int mode) { return step(MathStep::RoundTo, {x}, mode); }
  MathValue selectGreater(MathArg a, MathArg b, MathArg c) { return step(MathStep::SelectGreater, {a, b, c}); }
  MathValue selectLess(MathArg a, MathArg b, MathArg c) { return step(MathStep::SelectLess, {a, b, c}); }
  MathValue chooseGreater(MathArg a, MathArg b, MathArg c, MathArg d) {
    return step(MathStep::ChooseGreater, {a, b, c, d});
  }
  MathValue chooseEqual(MathArg a, MathArg b, MathArg c, MathArg d) {
    return step(MathStep::ChooseEqual, {a, b, c, d});
  }
  MathValue exponent(MathValue x) { return step(MathStep::Exponent, {x}); }
  MathValue intAddShift(MathValue a, int32_t b, int shift) {
    return step(MathStep::IntAddShift, {a, MathArg::raw(b)}, shift);
  }
  MathValue intSubShift(MathArg a, MathArg b, int shift) { return step(MathStep::IntSubShift, {a, b}, shift); }
  MathValue intToFloat(MathValue a) { return step(MathStep::IntToFloat, {a}); }
  MathValue bitXor(MathArg a, MathArg b) { return step(MathStep::Xor, {a, b}); }
  MathValue bitAnd(MathArg a, MathArg b) { return step(MathStep::And, {a, b}); }

  /// Ends the program: `value` is the result, stored in `stored`; a half or integer result of an f32 program is rounded
  /// with hardware rounding mode `mode`, after scaling by the quantization if there is one. Assigns temporaries.
  void finish(MathValue value, ElementType stored, int mode = 1, const Quantized &quantization = {});

  /// Lets temporaries of the result's type live in the result's memory. Not for callers whose result is an operand too.
  void workInResult();

  /// Whether operand `i` may have free strides. Operands that only elementwise instructions read may; quantized ones
  /// may where the result's memory has room for an aligned copy of them.
  bool readsFree(unsigned operand) const;

  /// Temporaries of the size of a tile.
  unsigned temporaries() const { return slotCount; }
  /// Bytes per lane of a temporary for an aligned tile of the given shape.
  int64_t temporaryBytes(std::array<int64_t, 4> shape) const;
  int64_t scratchBytes(std::array<int64_t, 4> shape) const { return temporaries() * temporaryBytes(shape); }
  /// Bytes per lane of the coefficient tables.
  int64_t tableBytes() const { return 64 * static_cast<int64_t>(tables.size()); }
  /// TIU cycles for an aligned tile that starts in lane 0.
  int64_t cycles(std::array<int64_t, 4> shape) const;

  /// Fills the coefficient tables of all lanes; `tableAddress` is a byte offset in the lanes.
  void emitTables(bm1684x::Assembler &assembler, uint32_t tableAddress) const;
  /// Computes a tile. Operands for which `readsFree` holds may have free strides (stride 0 repeats), others are
  /// aligned; dequantized ones are aligned before they are repeated. The result is aligned. No operand is written.
  void emit(bm1684x::Assembler &assembler, const bm1684x::LocalTensor &result,
            llvm::ArrayRef<bm1684x::LocalTensor> operands, uint32_t scratch, uint32_t tableAddress) const;

private:
  static constexpr int noSlot = -1, resultSlot = -2; // the operand itself, or the last step; in the result's memory
  struct Step {
    MathStep kind;
    llvm::SmallVector<MathArg, 4> args;
    int amount = 0;
    int slot = noSlot;      // temporary of the value
    bool copyFirst = false; // Mac: the sum is still needed or not in a temporary
  };
  MathValue step(MathStep kind, llvm::SmallVector<MathArg, 4> args, int amount = 0) {
    steps.push_back({kind, std::move(args), amount});
    return {static_cast<int>(steps.size()) - 1};
  }

  MathValue quantized(MathValue value, const top::Quantization &quantization);
  MathValue rounded(MathValue value, int mode);
  bool narrows() const { return resultType != type; }
  void assignSlots();

  ElementType type, resultType = ElementType::None;
  int resultRounding = 0;
  std::vector<Step> steps;
  std::vector<llvm::SmallVector<float, 12>> tables;
  unsigned slotCount = 0;
  int resultId = -1;
  bool usesResult = false; // for temporaries
};

} // namespace tpu_mlir::codegen
