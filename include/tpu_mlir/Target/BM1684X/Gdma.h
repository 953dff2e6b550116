// Typed builders of GDMA instructions; see Assembler.h. All take the 96-byte forms, the only ones that the loader of
// compiled files accepts. Local and global tensors may stand on either side unless said otherwise.
#pragma once
#include "tpu_mlir/Target/BM1684X/Operand.h"
#include <variant>

namespace tpu_mlir::bm1684x {

class Assembler;

/// Either side of a move.
class MemoryTensor {
public:
  MemoryTensor(const LocalTensor &tensor) : tensor(tensor) {}
  MemoryTensor(const GlobalTensor &tensor) : tensor(tensor) {}

  bool isLocal() const { return std::holds_alternative<LocalTensor>(tensor); }
  const LocalTensor &local() const { return std::get<LocalTensor>(tensor); }
  const GlobalTensor &global() const { return std::get<GlobalTensor>(tensor); }
  uint64_t address() const { return isLocal() ? local().gdmaAddress() : global().address; }
  ElementType type() const { return isLocal() ? local().type : global().type; }
  const Dims &shape() const { return isLocal() ? local().shape : global().shape; }
  /// In elements; of c the step between slots for a local tensor.
  const Dims &strides() const { return isLocal() ? local().strides : global().strides; }
  std::string str() const { return isLocal() ? local().str() : global().str(); }

private:
  std::variant<LocalTensor, GlobalTensor> tensor;
};

/// A matrix in global memory, rows `pitch` elements apart.
struct GlobalMatrix {
  uint64_t address = 0;
  int64_t rows = 0, cols = 0, pitch = 0;
  ElementType type = ElementType::None;
};

class Gdma {
public:
  explicit Gdma(Assembler &assembler) : assembler(assembler) {}

  /// Copies elements in n, c, h, w order. Shapes are equal, or have the same number of elements (reshape on the way).
  /// Source strides of n, c and h may be 0.
  void copy(const MemoryTensor &to, const MemoryTensor &from);
  /// Sets every element to the low bits of the constant.
  void fill(const MemoryTensor &to, Constant value);
  /// to[c, n, h, w] = from[n, c, h, w].
  void ncTranspose(const MemoryTensor &to, const MemoryTensor &from);
  /// to[n, w, h, c] = from[n, c, h, w]. Local sides aligned, global sides contiguous.
  void cwTranspose(const MemoryTensor &to, const MemoryTensor &from);
  /// The single channel of `from` to every channel of `to` (its lane + c at most 64). W strides are 1.
  void channelBroadcast(const LocalTensor &to, const MemoryTensor &from);
  /// Rows of a matrix to and from the folded layout; transposed: the local matrix is [cols, rows].
  void loadMatrix(const FoldedMatrix &to, const GlobalMatrix &from, bool transposed = false);
  void storeMatrix(const GlobalMatrix &to, const FoldedMatrix &from, bool transposed = false);
  /// `count` elements, both sides linear in their memory.
  void copyLinear(uint64_t to, uint64_t from, int64_t count, ElementType type);
  /// to[0,c,i,:] = from[0,c,index[0,c,i,0],:], `fill` where the index is beyond from.h. Index U32; one channel of
  /// `from` or index serves all. Local sides aligned, global sides contiguous.
  void gather(const MemoryTensor &to, const MemoryTensor &from, const MemoryTensor &index, uint32_t fill = 0);
  /// to[0,c,index[0,c,i,0],:] = from[0,c,i,:]; indices beyond to.h are skipped, the last of equal ones wins.
  void scatter(const MemoryTensor &to, const MemoryTensor &from, const MemoryTensor &index);

private:
  Assembler &assembler;
};

} // namespace tpu_mlir::bm1684x
