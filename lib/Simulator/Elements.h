// Access to the elements of tensors for operations that work element by element: dense pieces of a plane, converted to
// and from the types that kernels compute in, and the loop over planes on several threads.
#pragma once
#include "Operation.h"
#include "tpu_mlir/Kernels/FloatEnvironment.h"
#include "tpu_mlir/Support/Parallel.h"

namespace tpu_mlir::sim {

/// Elements that are processed at a time: operands and results of a step stay in the first-level cache.
constexpr int64_t pieceElements = 1024;

/// Copies elements [begin, begin + count) of plane (n, c), counted row by row, to dense memory and back.
void gatherElements(const uint8_t *base, const Region &region, int64_t n, int64_t c, int64_t begin, int64_t count,
                    void *out);
void scatterElements(uint8_t *base, const Region &region, int64_t n, int64_t c, int64_t begin, int64_t count,
                     const void *in);

/// An operand of an element-wise operation: a tensor or a constant.
struct Operand {
  Precision precision = Precision::F32;
  bool isSigned = false;
  bool isConstant = false;
  uint32_t constant = 0; // raw bits
  int read = -1;         // index in Operation::reads

  /// The value of the constant.
  float constantFloat() const;
  int64_t constantInt() const;
};

/// A piece of plane (n, c).
struct Piece {
  int64_t n, c, begin, count;
};

/// Loads and stores pieces. Raw elements are zero-extended to 32 bits.
class PieceAccess {
public:
  PieceAccess(const Operation &op, const Context &context) : op(op), context(context) {}
  void load(const Operand &operand, const Piece &piece, float *out) const;
  void load(const Operand &operand, const Piece &piece, int64_t *out) const;
  void load(const Operand &operand, const Piece &piece, int32_t *out) const;
  void load(const Operand &operand, const Piece &piece, uint32_t *out) const;
  /// The value of a per-channel operand for channel c.
  uint32_t channelBits(const Operand &operand, int64_t c) const;

  /// Values of the given float type (already rounded to it) as storage bits; NaN of halves as kernels::floatToHalf.
  void store(int write, Precision precision, const Piece &piece, const float *values) const;
  /// Values of a half type; where they are NaN, the given bits instead.
  void storeHalves(int write, Precision half, const Piece &piece, const float *values, const uint32_t *nanBits) const;
  /// The low bits of integers.
  void store(int write, Precision precision, const Piece &piece, const int64_t *values) const;
  void store(int write, Precision precision, const Piece &piece, const int32_t *values) const;
  void store(int write, Precision precision, const Piece &piece, const uint32_t *values) const;

private:
  const void *dense(const Operand &operand, const Piece &piece, void *scratch) const;
  const Operation &op;
  const Context &context;
};

/// Calls body for pieces that cover all elements of `shape`, on several threads, with denormals flushed.
void forEachPiece(const Shape &shape, llvm::function_ref<void(const Piece &)> body);

int64_t signExtend(uint32_t bits, Precision precision, bool isSigned);

} // namespace tpu_mlir::sim
