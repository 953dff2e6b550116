// Typed builders of TIU instructions; see Assembler.h. A method appends one instruction, in its short form. The result
// comes first. Constraints are stated where they are not obvious from the types; tensors and tables that an instruction
// needs in a special layout name the LocalTensor factory that makes it.
#pragma once
#include "tpu_mlir/Target/BM1684X/Operand.h"
#include <optional>

namespace tpu_mlir::bm1684x {

class Assembler;

struct Size2 {
  int64_t h = 1, w = 1;
};

struct Padding {
  int64_t top = 0, bottom = 0, left = 0, right = 0; ///< 0 to 15 each
};

/// The sliding window of convolutions and poolings. Result extent: ((in - 1) * (insert + 1) + 1 + padding
/// - (dilation * (kernel - 1) + 1)) / stride + 1.
struct Window2d {
  Size2 kernel;
  Size2 stride{1, 1};   ///< 1 to 15
  Size2 dilation{1, 1}; ///< 1 to 16
  Size2 insert{0, 0};   ///< zeros between input pixels; 0 to 14 for convolutions, 0 to 7 otherwise
  Padding pad{};
  PadMode padMode = PadMode::Constant;
  bool rotateKernel = false; ///< by 180 degrees, for transposed convolutions
};

struct ConvOptions {
  /// Add to what the result holds. With a half result the old values are read as F32 tensor at the same address.
  bool accumulate = false;
  uint32_t padValue = 0, insertValue = 0; ///< bits of the input's type
};

struct ConvShiftOptions {
  int64_t shift = 0; ///< right shift, 0 to 31, rounded half up
  bool relu = false; ///< clamp at 0 and saturate unsigned
};

struct DepthwiseOptions {
  uint32_t padValue = 0; ///< bits of the input's type
  // Integer input only:
  uint32_t insertValue = 0;
  int64_t shift = 0; ///< right shift of the sum
  Rounding rounding = Rounding::HalfAwayFromZero;
  bool relu = false;
};

struct MatrixOptions {
  bool leftTransposed = false; ///< MM: the left matrix is stored [K, M]
  bool accumulate = false;     ///< add to what the result holds
};

enum class Mm2Form : uint8_t {
  Nn = 4, ///< left [M, K], right [K, N], result [M, N]
  Nt = 5, ///< left [M, K], right [N, K], result [M, N]
  Tt = 6, ///< left [K, M], right [N, K], result [N, M]
};

/// Integer add, sub and mul: shift of the exact value, then saturation or truncation to the result's width.
struct IntegerOptions {
  int64_t shift = 0; ///< positive left, negative right
  Rounding rounding = Rounding::HalfAwayFromZero;
  bool saturate = true;
};

enum class Relation : uint8_t { Greater, Equal, Less };

/// A requantization's constants, or a table of them per channel: an aligned [1, c, 1, 3] tensor of 32-bit words
/// (floating point: scale, offset; integer: multiplier, shift, zero point). Shifts: positive left, negative right.
struct RequantFloat {
  float scale = 1, offset = 0;
  Rounding toFloat = Rounding::HalfToEven, toInteger = Rounding::HalfAwayFromZero; ///< the first five modes
};
struct RequantInteger {
  int32_t multiplier = 1;
  int64_t shift = 0;
  int64_t zeroPoint = 0;
  Rounding rounding = Rounding::HalfUp;
};
struct DequantFloat {
  float scale = 1;
  int64_t zeroPoint = 0;
  Rounding rounding = Rounding::HalfToEven;
};

struct GatherOptions {
  bool sharedTable = false;       ///< one table for all slots of a lane
  bool hasException = false;      ///< the all-ones index means "no element"
  std::optional<Constant> fill{}; ///< for such elements; without it they stay as they are
};

class Tiu {
public:
  explicit Tiu(Assembler &assembler) : assembler(assembler) {}

  // Convolution. Input aligned or with free strides; half input starts in lane 0. Weights LocalTensor::convWeight and
  // bias compact [1, oc, 1, 1] start in the result's lane; the result is aligned.
  /// F32 -> F32, half -> F32 or the same half. The bias is F32.
  void conv(const LocalTensor &out, const LocalTensor &in, const Operand &weight, const std::optional<Operand> &bias,
            const Window2d &window, const ConvOptions &options = {});
  /// 8-bit -> I32 (or saturated I16): sum of in * (weight - zeroPoint).
  void convInt8(const LocalTensor &out, const LocalTensor &in, const Operand &weight, const Operand &zeroPoint,
                const Window2d &window, const ConvOptions &options = {});
  /// 8-bit -> 8 or 16 bit: saturated (sum + bias) >> shift, bias 16 bit.
  void convInt8Shift(const LocalTensor &out, const LocalTensor &in, const Operand &weight, const Operand &bias,
                     const Window2d &window, const ConvShiftOptions &options = {});

  // Depthwise convolution and pooling. Input and result aligned, in the same lane, floating point of one type or 8-bit.
  /// Weight compact [1, c, kh, kw] or constant; bias compact [1, c, 1, 1] in the data's type (8-bit: I32).
  void depthwise(const LocalTensor &out, const LocalTensor &in, const Operand &weight,
                 const std::optional<Operand> &bias, const Window2d &window, const DepthwiseOptions &options = {});
  /// Sum of every value times scale (a constant of the data's type). 8-bit: scale is 8-bit, `shift` right afterwards.
  void avgPool(const LocalTensor &out, const LocalTensor &in, Constant scale, const Window2d &window,
               int64_t shift = 0);
  /// `padValue`: bits of the data's type.
  void maxPool(const LocalTensor &out, const LocalTensor &in, const Window2d &window, uint32_t padValue);

  // Matrix products.
  /// F32, folded matrices; right, bias ([1, N]) and result start in the same lane and have the same width.
  void mm(const FoldedMatrix &out, const FoldedMatrix &left, const FoldedMatrix &right,
          const std::optional<FoldedMatrix> &bias = std::nullopt, const MatrixOptions &options = {});
  /// Half -> F32 or the same half; 8-bit -> I32 with the right matrix's zero point. LocalTensor::matrix in lane 0.
  void mm2(const LocalTensor &out, const LocalTensor &left, const LocalTensor &right, Mm2Form form,
           bool accumulate = false, std::optional<Constant> zeroPoint = std::nullopt);

  // Elementwise, any strides; operands have the result's shape (use broadcast) and start in its lane.
  // Floating point: operands and result of one type.
  void add(const LocalTensor &out, const Operand &a, const Operand &b) { binary(ArOp::Add, out, a, b); }
  void sub(const LocalTensor &out, const Operand &a, const Operand &b) { binary(ArOp::Sub, out, a, b); }
  void mul(const LocalTensor &out, const Operand &a, const Operand &b) { binary(ArOp::Mul, out, a, b); }
  void max(const LocalTensor &out, const Operand &a, const Operand &b) { binary(ArOp::Max, out, a, b); }
  void min(const LocalTensor &out, const Operand &a, const Operand &b) { binary(ArOp::Min, out, a, b); }
  /// |a - b|, floating point.
  void absDiff(const LocalTensor &out, const Operand &a, const Operand &b) { binary(ArOp::AbsDiff, out, a, b); }
  void bitAnd(const LocalTensor &out, const Operand &a, const Operand &b) { binary(ArOp::And, out, a, b); }
  void bitOr(const LocalTensor &out, const Operand &a, const Operand &b) { binary(ArOp::Or, out, a, b); }
  void bitXor(const LocalTensor &out, const Operand &a, const Operand &b) { binary(ArOp::Xor, out, a, b); }
  /// out += a * b, F32, rounded twice.
  void mac(const LocalTensor &out, const Operand &a, const Operand &b) { binary(ArOp::Mac, out, a, b); }
  /// F32 a / b in 1 to 4 Newton steps.
  void div(const LocalTensor &out, const Operand &a, const Operand &b, int64_t steps = 3);
  void binary(ArOp op, const LocalTensor &out, const Operand &a, const Operand &b);
  /// Integer Add, Sub or Mul with shift.
  void integer(ArOp op, const LocalTensor &out, const Operand &a, const Operand &b, const IntegerOptions &options);
  /// ArithShift, LogicShift or CircularShift of a by b (positive left).
  void shift(ArOp op, const LocalTensor &out, const Operand &a, const Operand &b,
             Rounding rounding = Rounding::HalfAwayFromZero);
  /// a relation b ? value : 0; value has the result's type, which is not wider than a's.
  void selectOrZero(Relation relation, const LocalTensor &out, const Operand &a, const Operand &b,
                    const Operand &value);
  void abs(const LocalTensor &out, const LocalTensor &in) { unary(ArOp::Abs, out, in); }
  void bitNot(const LocalTensor &out, const LocalTensor &in) { unary(ArOp::Not, out, in); }
  /// Copies bits; types of equal size.
  void copy(const LocalTensor &out, const LocalTensor &in) { unary(ArOp::Copy, out, in); }
  void fill(const LocalTensor &out, Constant value);
  void neg(const LocalTensor &out, const LocalTensor &in) { sub(out, Constant{in.type, 0}, in); }
  void unary(ArOp op, const LocalTensor &out, const LocalTensor &in);
  /// Converts the type; a floating-point tensor to its own type is rounded to integral values. F16 <-> BF16 goes
  /// through F32 only.
  void cast(const LocalTensor &out, const LocalTensor &in, Rounding rounding = Rounding::HalfToEven);

  // Aligned tensors in one lane.
  /// a relation b ? c : d. a and b have one type, c, d and the result one; tensors or constants.
  void select(Relation relation, const LocalTensor &out, const Operand &a, const Operand &b, const Operand &c,
              const Operand &d);
  /// out = max(a, b) (Greater) or min(a, b) (Less); selected = a relation b ? c : d.
  void extremumSelect(Relation relation, const LocalTensor &out, const LocalTensor &selected, const Operand &a,
                      const Operand &b, const Operand &c, const Operand &d);
  /// a * b + c; b and c compact per channel [1, c, 1, 1] or constant. Floating point.
  void scaleBias(const LocalTensor &out, const LocalTensor &a, const Operand &b, const Operand &c);
  /// (a + b)^2 and (a - b)^2.
  void squareSum(const LocalTensor &out, const LocalTensor &a, const Operand &b);
  void squareDiff(const LocalTensor &out, const LocalTensor &a, const Operand &b);
  /// Polynomial with coefficients in ascending powers, [1, lanes, 1, count >= 2] aligned: the same in every lane used.
  void taylor(const LocalTensor &out, const LocalTensor &in, const LocalTensor &coefficients);
  /// Power of two near |in|: with in's type as signed float; as integer of equal size the biased exponent.
  void normalize(const LocalTensor &out, const LocalTensor &in);
  /// F32 1/sqrt(in) in 1 to 4 Newton steps; in = 0 gives a large finite value.
  void rsqrt(const LocalTensor &out, const LocalTensor &in, int64_t steps = 3);

  // Requantization. Aligned, same lane.
  void requant(const LocalTensor &out, const LocalTensor &in, const RequantFloat &constants);
  void requant(const LocalTensor &out, const LocalTensor &in, const RequantInteger &constants);
  void requantFloat(const LocalTensor &out, const LocalTensor &in, const LocalTensor &table,
                    Rounding toFloat = Rounding::HalfToEven, Rounding toInteger = Rounding::HalfAwayFromZero);
  void requantInteger(const LocalTensor &out, const LocalTensor &in, const LocalTensor &table, Rounding rounding);
  /// (in - zeroPoint) * scale.
  void dequant(const LocalTensor &out, const LocalTensor &in, const DequantFloat &constants);
  /// Table words: zero point, scale.
  void dequantFloat(const LocalTensor &out, const LocalTensor &in, const LocalTensor &table,
                    Rounding rounding = Rounding::HalfToEven);
  /// (in - zeroPoint) * multiplier shifted, to 8, 16 or 32 bits. Table words: zero point, multiplier, shift.
  void dequant(const LocalTensor &out, const LocalTensor &in, const RequantInteger &constants);
  void dequantInteger(const LocalTensor &out, const LocalTensor &in, const LocalTensor &table, Rounding rounding);

  // Moves between lanes.
  /// out[n, c, h, w] = in[n, w, h, c]; in aligned in lane 0, out line-aligned.
  void cwTranspose(const LocalTensor &out, const LocalTensor &in);
  /// The same with out aligned in lane 0.
  void wcTranspose(const LocalTensor &out, const LocalTensor &in);
  /// To another start lane; both aligned.
  void laneCopy(const LocalTensor &out, const LocalTensor &in);
  /// One channel to all channels of out (its lane + c at most 64); both aligned.
  void laneBroadcast(const LocalTensor &out, const LocalTensor &in);
  /// out.w elements at byte `staticOffset` of static memory to every channel of out [1, c, 1, w].
  void staticBroadcast(const LocalTensor &out, uint32_t staticOffset);
  /// Element c at `staticOffset` of static memory to channel c of a compact out [1, c, 1, 1] in lane 0.
  void staticDistribute(const LocalTensor &out, uint32_t staticOffset);

  // Gather and scatter within lanes; data aligned. The form that tolerates operands in one bank is taken where needed.
  /// out[n,c,0,i] = table[0,c,0,index[n,c,0,i]]; index U8 or U16, aligned.
  void gatherElements(const LocalTensor &out, const LocalTensor &table, const LocalTensor &index,
                      const GatherOptions &options = {});
  /// The same for one batch with a table for all slots of a lane that is there four times (tableCopies), at a quarter
  /// of the price. The banks of the copies are those of neither index nor result.
  void gatherFourBanks(const LocalTensor &out, const LocalTensor &table, const LocalTensor &index);
  /// Whether the banks allow that.
  static bool canGatherFourBanks(const LocalTensor &out, const LocalTensor &table, const LocalTensor &index);
  /// out[n,c,0,index[n,c,0,i]] = in[0,c,0,i]; other elements keep their values.
  void scatterElements(const LocalTensor &out, const LocalTensor &in, const LocalTensor &index,
                       const GatherOptions &options = {});
  /// out[n,c,0,i] = table[n,c,0,index[i]]; index compact [1, count, 1, 1] in lane 0.
  void gatherColumns(const LocalTensor &out, const LocalTensor &table, const LocalTensor &index,
                     const GatherOptions &options = {});
  void scatterColumns(const LocalTensor &out, const LocalTensor &in, const LocalTensor &index,
                      const GatherOptions &options = {});
  /// out[n,c,0,i] = in[n,c,index[i].h,index[i].w]; index compact U16 [1, count, 1, 2] of pairs (w, h) in lane 0.
  void gatherPixels(const LocalTensor &out, const LocalTensor &in, const LocalTensor &index,
                    const GatherOptions &options = {});
  /// out[n,c,i,:] = table[0,c,index[n,c,i,0],:]; table and out line-aligned, index aligned. Up to 64 channels.
  void gatherLines(const LocalTensor &out, const LocalTensor &table, const LocalTensor &index,
                   const GatherOptions &options = {});
  /// out[n,c,index[n,c,i,0],:] = in[0,c,i,:].
  void scatterLines(const LocalTensor &out, const LocalTensor &in, const LocalTensor &index,
                    const GatherOptions &options = {});

private:
  Assembler &assembler;
};

} // namespace tpu_mlir::bm1684x
