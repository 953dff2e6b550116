// What convolutions and poolings share: windows along h and w, padding beyond what an instruction can add, fused ReLU,
// per-channel parameters in lane order.
#pragma once
#include "tpu_mlir/Codegen/CodegenInterface.h"

#include "llvm/ADT/ArrayRef.h"

namespace tpu_mlir::codegen {
using bm1684x::Constant;
using bm1684x::FoldedMatrix;
using bm1684x::GlobalMatrix;
using bm1684x::Padding;
using bm1684x::Window2d;

/// How the input of a tile lies in local memory along one axis: the positions that exist, rows of padding values kept
/// in memory around them (instructions pad at most 15), and the padding left to the instruction.
struct AxisFit {
  Range input;            ///< at least one position, also when only padding is under the window
  bool isPadding = false; ///< only padding is under the window; one position of it is stored, `input` begins at -1
  int64_t storedBefore = 0, storedAfter = 0;
  int64_t padBefore = 0, padAfter = 0;

  /// The positions to load; none where only padding is under the window, at a place that no others have.
  Range needed() const { return isPadding ? Range{-1, 0} : input; }
  int64_t localSize() const { return storedBefore + input.size + storedAfter; }
  bool needsFill() const { return isPadding || storedBefore || storedAfter; }
};
AxisFit fitAxis(const Window &window, Range out, int64_t extent);

/// Largest tile of an output axis for which every instruction field is large enough.
int64_t maxTileOf(const Window &window);

/// A window along h and w.
struct PlaneWindow {
  Window h, w;

  /// From attributes; lists of one value are windows of 1-dimensional data, which lie along h. `pads` is begins, ends.
  static PlaneWindow of(llvm::ArrayRef<int64_t> kernel, llvm::ArrayRef<int64_t> strides, llvm::ArrayRef<int64_t> pads,
                        llvm::ArrayRef<int64_t> dilations);
  /// The instruction's window for a tile with the given fits. Strides without effect (one output) become 1.
  Window2d instruction(const Slice &out, const AxisFit &h, const AxisFit &w) const;
};

/// Loads the box of an input tile into its aligned buffer, with stored padding where the fits ask for it.
void loadPlane(Assembler &assembler, const GlobalTensor &input, const Slice &slice, const AxisFit &h, const AxisFit &w,
               Constant padding, const LocalTensor &buffer);

/// max(x, 0) and, with a positive limit, min(x, limit), in place.
struct FusedRelu {
  bool enabled = false;
  double limit = -1;
  void emit(Assembler &assembler, const LocalTensor &tensor) const;
  int64_t cycles(std::array<int64_t, 4> shape, int64_t itemBytes) const;
};

/// A value in the bits of a floating point type.
Constant constantOf(double value, ElementType type);

/// Loads per-channel values that weight-reorder packed ([groups, lanes, 1, width]) of one group: value k of slot s is
/// at s * perChannel + k elements behind `offset` of its lane.
void loadPerChannel(Assembler &assembler, const GlobalTensor &values, int64_t group, uint32_t offset);
int64_t perChannelCycles(const GlobalTensor &values);

/// Loads packed convolution weights [1, oc, rows, pack] of a slice into a compact buffer. Where whole channels are
/// taken, their bytes are rows of matrices, which move faster than tensors of small planes.
void loadFilter(Assembler &assembler, const GlobalTensor &weights, const Slice &slice, const LocalTensor &buffer);
int64_t filterCycles(const GlobalTensor &weights, const Slice &slice);

} // namespace tpu_mlir::codegen
