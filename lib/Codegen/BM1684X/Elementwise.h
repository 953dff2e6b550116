// The tiled form of every op that computes each element of its result from the elements at the same (or the broadcast)
// position of its operands. The arithmetic is a MathProgram; this file decides how the tensors are seen and moved.
#pragma once
#include "BroadcastView.h"
#include "MathProgram.h"

#include "tpu_mlir/Codegen/CodegenInterface.h"

namespace tpu_mlir::codegen {

/// Row-major elements laid out as [rows, channels, 1, width] with a last row that may be incomplete; the view of ops
/// without broadcasting, moved by matrix moves, which have the best bursts.
struct FlatView {
  int64_t elements = 0, rows = 1, channels = 1, width = 1;
  /// `itemBytes`: the smallest size of an element that is moved.
  static FlatView of(int64_t elements, int64_t itemBytes);
};

class ElementwiseOp : public TiledOp {
public:
  ElementwiseOp(MathProgram steps) : program(std::move(steps)) { program.workInResult(); }

  /// Sees result and operands, of one shape, as flat.
  void useFlatView(const FlatView &view, GlobalTensor result, llvm::ArrayRef<TiledOperand> inputs);

  IterationSpace space() const override;
  LocalTensor operandBuffer(unsigned i, const Slice &slice, const Tile &tile, uint32_t offset) const override;
  int64_t scratchBytes(const Tile &tile) const override { return program.scratchBytes(tile.out.shape()); }
  int64_t residentBytes() const override { return program.tableBytes(); }
  void emitOnce(Assembler &assembler, uint32_t offset) const override { program.emitTables(assembler, offset); }
  void load(Assembler &assembler, unsigned i, const Slice &slice, const Tile &tile,
            const LocalTensor &buffer) const override;
  void store(Assembler &assembler, unsigned i, const Tile &tile, const LocalTensor &buffer) const override;
  bool loadsPlainly(unsigned i) const override { return !flat && (batches.empty() || batches[i].parts.empty()); }
  bool storesPlainly() const override { return !flat; }
  bool readsFree(unsigned i) const override { return program.readsFree(i); }
  void emit(Assembler &assembler, const Tile &tile, const TileBuffers &buffers) const override;
  int64_t computeCycles(const Tile &tile) const override { return program.cycles(tile.out.shape()); }
  int64_t loadCycles(unsigned i, const Slice &slice) const override;
  int64_t storeCycles(unsigned i, const Tile &tile) const override;

private:
  bool repeatsChannels(unsigned i, const Tile &tile) const {
    return operands[i].global.shape[1] == 1 && tile.out.c.size > 1;
  }
  MathProgram program;
  std::optional<FlatView> flat;

public:
  /// Per operand how n steps through it, where that is not one stride; empty otherwise.
  std::vector<CompositeAxis> batches;
};

inline ShapeRef shapeOf(mlir::Value value) { return mlir::cast<mlir::RankedTensorType>(value.getType()).getShape(); }
/// Whether all tensor operands have the result's shape, so that any regrouping of the elements is a view of the op. A
/// look-up table is no such operand.
bool isFlat(mlir::Operation *op);

/// Decides how `inputs`, the op's elementwise operands, and its result are seen, and sets them. `stepsPerLine`: TIU
/// cycles that a line of a tile costs.
void setElementwiseViews(ElementwiseOp &tiled, const CodegenContext &context, mlir::Operation *op,
                         mlir::ValueRange inputs, int64_t stepsPerLine);

/// The op's tiled form: `inputs` are the op's operands in the order of the program's inputs. An error diagnostic when
/// the broadcasting is too irregular.
llvm::FailureOr<std::unique_ptr<TiledOp>> makeElementwise(const CodegenContext &context, mlir::Operation *op,
                                                          MathProgram program, mlir::ValueRange inputs);

} // namespace tpu_mlir::codegen
