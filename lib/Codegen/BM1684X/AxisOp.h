// What ops that combine whole axes share: their views of a tensor, buffers one behind the other, programs with tables.
#pragma once
#include "Elementwise.h"
#include "Functions.h"
#include "Reduction.h"

namespace tpu_mlir::codegen {

inline ElementType typeOf(mlir::Value value) { return elementTypeOf(value.getType()); }

/// Space for local tensors, one behind the other.
struct Scratch {
  uint32_t at;
  uint32_t take(int64_t bytes) {
    uint32_t begin = at;
    at += static_cast<uint32_t>(alignTo(bytes, bm1684x::lineBytes));
    return begin;
  }
  LocalTensor tensor(bm1684x::Dims shape, ElementType type) {
    return LocalTensor::aligned(take(LocalTensor::aligned(0, shape, type).bytesPerLane()), shape, type);
  }
};

/// A program of one to four operands that are stored in the given types.
template <typename Build> MathProgram programOf(llvm::ArrayRef<ElementType> types, ElementType result, Build build) {
  MathProgram program(ElementType::F32);
  llvm::SmallVector<MathValue, 4> inputs;
  for (auto [i, type] : llvm::enumerate(types))
    inputs.push_back(program.input(i, type));
  program.finish(build(program, inputs), result);
  return program;
}

/// A tiled op over [outer, axis, inner] whose programs keep their tables in the resident area, one after the other.
class AxisOp : public TiledOp {
public:
  AxisOp(ReductionView view) : view(std::move(view)) {}

  /// Sees operand and result as [n, c, h, w]; `view` is of the form Rows, with the same lanes.
  void seeSpatially(Shape4 shape) { spatial = shape; }

  bool loadsPlainly(unsigned i) const override { return i == 0 && spatial; }
  bool storesPlainly() const override { return spatial.has_value(); }
  int64_t residentBytes() const override {
    int64_t bytes = 0;
    for (const MathProgram &program : programs)
      bytes += program.tableBytes();
    return bytes;
  }
  void emitOnce(Assembler &assembler, uint32_t offset) const override {
    for (const MathProgram &program : programs) {
      program.emitTables(assembler, offset);
      offset += static_cast<uint32_t>(program.tableBytes());
    }
  }
  int64_t loadCycles(unsigned i, const Slice &slice) const override {
    GlobalTensor seen = operands[i].global;
    return i == 0 ? tensorMoveCycles(seen, slice.shape(), true) : TiledOp::loadCycles(i, slice);
  }
  void load(Assembler &assembler, unsigned i, const Slice &slice, const Tile &tile,
            const LocalTensor &buffer) const override {
    if (i == 0 && !spatial)
      return loadComposite(assembler, buffer, operands[0].global.address, view.axes, slice);
    TiledOp::load(assembler, i, slice, tile, buffer);
  }

protected:
  void run(Assembler &assembler, unsigned index, const LocalTensor &result, llvm::ArrayRef<LocalTensor> inputs,
           uint32_t scratch) const {
    uint32_t tables = resident;
    for (unsigned i = 0; i < index; ++i)
      tables += static_cast<uint32_t>(programs[i].tableBytes());
    programs[index].emit(assembler, result, inputs, scratch, tables);
  }
  /// Largest scratch need of a program over the shape.
  int64_t programBytes(Shape4 shape) const {
    int64_t bytes = 0;
    for (const MathProgram &program : programs)
      bytes = std::max(bytes, program.scratchBytes(shape));
    return bytes;
  }
  static int64_t tileBytes(Shape4 shape) { return LocalTensor::aligned(0, shape, ElementType::F32).bytesPerLane(); }
  /// The shape of a tile of the operand as `view` has it, and its buffer.
  Shape4 rowsOf(const Slice &slice) const {
    auto [n, c, h, w] = slice.shape();
    return foldsPlane() ? Shape4{n, c, 1, h * w} : Shape4{n, c, h, w};
  }
  LocalTensor rowsOf(const LocalTensor &tensor) const {
    return foldsPlane() ? tensor.reshapedPlane(1, tensor.h() * tensor.w()) : tensor;
  }
  Shape4 reducedOf(Shape4 shape) const {
    shape[view.laneAxis()] = 1;
    return shape;
  }
  /// The axes over which results are combined stay whole.
  IterationSpace wholeAxisSpace() const {
    IterationSpace space;
    AxisRule *rules[] = {&space.n, &space.c, &space.h, &space.w};
    for (int i = 0; i < 4; ++i)
      rules[i]->extent = spatial ? (*spatial)[i] : view.shape[i];
    if (spatial) {
      space.c.grain = std::min(space.c.extent, bm1684x::numLanes);
      space.w.grain = space.w.extent;
      space.h.grain = foldsPlane() ? space.h.extent : 1;
      return space;
    }
    rules[view.laneAxis()]->grain = view.shape[view.laneAxis()];
    if (view.form == ReductionView::Wide)
      space.c.grain = view.shape[1];
    return space;
  }

  ReductionView view;
  std::vector<MathProgram> programs;

private:
  /// Whether a whole plane is combined, not just rows of it.
  bool foldsPlane() const { return spatial && (*spatial)[3] != view.shape[3]; }
  std::optional<Shape4> spatial;
};

/// The whole tensor in the view's shape. Composite axes have no stride: then only extent and region are right.
inline GlobalTensor seenAs(const ReductionView &view, uint64_t address, ElementType type) {
  GlobalTensor global = GlobalTensor::contiguous(address, view.shape, type);
  if (llvm::all_of(view.axes, [](const CompositeAxis &axis) { return axis.isSimple(); }))
    for (int i = 0; i < 4; ++i)
      global.strides[i] = view.axes[i].stride();
  return global;
}

/// The same tensor as the op sees it.
inline GlobalTensor seenBy(const ReductionView &view, bool isSpatial, const CodegenContext &context,
                           mlir::Value value) {
  return isSpatial ? context.global(value) : seenAs(view, context.addressOf(value), typeOf(value));
}

/// The view of an op that combines the axes from `axis` on where they are planes, or rows of planes, of the tensor as
/// [n, c, h, w]; a lone op (not `always`) only takes it where it fills the lanes.
inline std::optional<ReductionView> spatialView(mlir::Value value, int64_t axis, int64_t tilesOfAxis, bool always) {
  ShapeRef shape = shapeOf(value);
  int64_t rank = static_cast<int64_t>(shape.size());
  if (rank < 3 || rank > 4 || axis < 2)
    return std::nullopt;
  auto [n, c, h, w] = viewShape(value.getType(), ViewKind::Spatial);
  int64_t rows = axis == 2 ? 1 : h, length = axis == 2 ? h * w : w;
  if (!always && (n > 1 || (rows == 1 ? c < 16 : c < 48)))
    return std::nullopt;
  auto view = ReductionView::choose({{{n * c * rows, length}}}, {{{length, 1}}}, {}, tilesOfAxis);
  if (!view || view->form != ReductionView::Rows)
    return std::nullopt;
  view->shape = {n, c, rows, length};
  view->reduced = {n, c, rows, 1};
  return view;
}

} // namespace tpu_mlir::codegen
