// GDMA instructions.
#include "tpu_mlir/Target/BM1684X/Gdma.h"
#include "Emitter.h"
#include "PriceQuirks.h"

namespace tpu_mlir::bm1684x {
namespace {

/// Fields of one side of a move.
struct Side {
  Field low, high;
  Field size[4], stride[4];
};
constexpr Side source = {Field::src_start_addr_l32,
                         Field::src_start_addr_h8,
                         {Field::src_nsize, Field::src_csize, Field::src_hsize, Field::src_wsize},
                         {Field::src_nstride, Field::src_cstride, Field::src_hstride, Field::src_wstride}};
constexpr Side destination = {Field::dst_start_addr_l32,
                              Field::dst_start_addr_h8,
                              {Field::dst_nsize, Field::dst_csize, Field::dst_hsize, Field::dst_wsize},
                              {Field::dst_nstride, Field::dst_cstride, Field::dst_hstride, Field::dst_wstride}};

bool isInL2OrGlobal(const GlobalRegion &region) {
  return (region.begin >= l2Base && region.end <= l2Base + l2Bytes) ||
         (region.begin >= globalBase && region.end <= globalEnd);
}

class MoveEmitter : public Emitter {
public:
  template <typename SubOp>
  MoveEmitter(Assembler &assembler, Format format, SubOp op) : Emitter(assembler, format, op) {}

  MoveEmitter &type(ElementType to, ElementType from) {
    check(byteSize(to) == byteSize(from), "source and destination have different element sizes");
    set(Field::src_data_format, precisionOf(from).value_or(Precision::INT8));
    return *this;
  }
  MoveEmitter &address(Field low, Field high, uint64_t address) {
    set(low, address & 0xFFFF'FFFF).set(high, address >> 32);
    return *this;
  }
  MoveEmitter &size(const Side &side, const Dims &shape) {
    for (int i = 0; i < 4; ++i)
      set(side.size[i], shape[i]);
    return *this;
  }
  MoveEmitter &strides(const Side &side, const MemoryTensor &tensor) {
    set(Field::stride_enable, 1);
    for (int i = 0; i < 4; ++i) {
      int64_t step = tensor.strides()[i];
      check(step >= 0 && step <= 0xFFFF'FFFF, "a stride does not fit 32 bits");
      set(side.stride[i], step);
    }
    return *this;
  }

  /// Checks that a tensor lies in its memory, and records the access.
  MoveEmitter &reads(const MemoryTensor &tensor, const char *role) {
    place(tensor, role, false);
    return *this;
  }
  MoveEmitter &writes(const MemoryTensor &tensor, const char *role) {
    place(tensor, role, true);
    for (int axis = 0; axis < 4; ++axis)
      check(tensor.shape()[axis] == 1 || (tensor.isLocal() && axis == 1) || tensor.strides()[axis] != 0,
            "the destination repeats elements");
    return *this;
  }
  MoveEmitter &globalRange(const GlobalRegion &region, int64_t itemBytes, bool isWritten) {
    check(isInL2OrGlobal(region), "an address lies neither in L2 nor in global memory");
    check(itemBytes > 0 && region.begin % static_cast<uint64_t>(itemBytes) == 0,
          "an address is not a multiple of the element size");
    (isWritten ? access.globalWrites : access.globalReads).push_back(region);
    return *this;
  }
  /// The layout that a move without strides has: aligned in local memory, contiguous elsewhere.
  MoveEmitter &defaultLayout(const MemoryTensor &tensor) {
    if (tensor.isLocal())
      check(tensor.local().hasStridesOf(alignedStrides(tensor.shape(), tensor.type(), tensor.local().lane)),
            "a local tensor is not aligned");
    else
      check(tensor.global().isContiguous(), "a global tensor is not contiguous");
    return *this;
  }

  /// Indexed moves take any number of rows.
  int64_t maxRows = maxExtent;

private:
  void place(const MemoryTensor &tensor, const char *role, bool isWritten) {
    if (tensor.isLocal()) {
      inLocalMemory(tensor.local(), role);
      check(tensor.local().layout != Layout::ConvWeight, "packed weights are moved as the plain tensor of their bytes");
      isWritten ? access.write(tensor.local()) : access.read(tensor.local());
      return;
    }
    const GlobalTensor &global = tensor.global();
    check(precisionOf(global.type).has_value(), "a tensor has a type that the chip does not know");
    for (int axis = 0; axis < 4; ++axis)
      check(global.shape[axis] >= 1 && global.shape[axis] <= (axis == 2 ? maxRows : maxExtent),
            "an extent is too large or not positive");
    globalRange(global.region(), global.itemBytes(), isWritten);
  }
};

} // namespace

void Gdma::copy(const MemoryTensor &to, const MemoryTensor &from) {
  MoveEmitter e(assembler, Format::DMA_tensor, DmaTensorOp::Copy);
  e.reads(from, "source").writes(to, "destination").type(to.type(), from.type());
  e.check(elementsOf(to.shape()) == elementsOf(from.shape()), "source and destination have different element counts");
  for (const MemoryTensor *side : {&to, &from})
    e.check(side->strides()[3] != 0, "a w stride is 0");
  e.strides(source, from).strides(destination, to).size(source, from.shape());
  // Between local and global memory equal shapes are written once, as compiled files do.
  bool once = to.shape() == from.shape() && to.isLocal() != from.isLocal();
  e.set(Field::nchw_copy, once ? 1 : 0);
  if (!once)
    e.size(destination, to.shape());
  e.address(source.low, source.high, from.address()).address(destination.low, destination.high, to.address());
  e.emit();
}

void Gdma::fill(const MemoryTensor &to, Constant value) {
  MoveEmitter e(assembler, Format::DMA_tensor, DmaTensorOp::Copy);
  e.writes(to, "destination").type(to.type(), value.type);
  e.check(to.strides()[3] != 0, "a w stride is 0");
  e.strides(destination, to).size(destination, to.shape());
  // The source address stays 0: some loaders would relocate it.
  e.set(Field::fill_constant_en, 1).set(Field::constant_value, value.bits);
  e.address(destination.low, destination.high, to.address());
  e.emit();
}

void Gdma::ncTranspose(const MemoryTensor &to, const MemoryTensor &from) {
  MoveEmitter e(assembler, Format::DMA_tensor, DmaTensorOp::Transpose);
  e.reads(from, "source").writes(to, "destination").type(to.type(), from.type());
  const Dims &s = from.shape();
  e.check(to.shape() == Dims{s[1], s[0], s[2], s[3]},
          "the destination's shape is not the source's with n and c exchanged");
  for (const MemoryTensor *side : {&to, &from})
    e.check(side->strides()[3] != 0, "a w stride is 0");
  e.strides(source, from).strides(destination, to).size(source, s).size(destination, to.shape());
  e.address(source.low, source.high, from.address()).address(destination.low, destination.high, to.address());
  e.emit();
}

void Gdma::cwTranspose(const MemoryTensor &to, const MemoryTensor &from) {
  if (assembler.options.avoidPriceQuirks && price_quirks::transposePlainly(assembler, to, from))
    return;
  MoveEmitter e(assembler, Format::DMA_cw_transpose, DmaCwTransposeOp::CwTranspose);
  e.reads(from, "source").writes(to, "destination").type(to.type(), from.type());
  e.defaultLayout(from).defaultLayout(to);
  const Dims &s = from.shape();
  e.check(to.shape() == Dims{s[0], s[3], s[2], s[1]},
          "the destination's shape is not the source's with c and w exchanged");
  e.size(source, s).set(Field::nchw_copy, 1);
  e.address(source.low, source.high, from.address()).address(destination.low, destination.high, to.address());
  e.emit();
}

void Gdma::channelBroadcast(const LocalTensor &to, const MemoryTensor &from) {
  MoveEmitter e(assembler, Format::DMA_tensor, DmaTensorOp::Broadcast);
  e.reads(from, "source").writes(to, "destination").type(to.type, from.type());
  e.check(from.shape() == Dims{to.n(), 1, to.h(), to.w()}, "the source is not one channel of the destination's shape");
  e.check(to.lane + to.c() <= numLanes, "the destination goes beyond lane 63");
  e.check((to.w() == 1 || to.strides[3] == 1) && (to.w() == 1 || from.strides()[3] == 1), "a w stride is not 1");
  e.strides(source, from).strides(destination, to).size(source, from.shape()).size(destination, to.shape);
  e.address(source.low, source.high, from.address()).address(destination.low, destination.high, to.gdmaAddress());
  e.emit();
}

namespace {

void emitMatrix(Assembler &assembler, const GlobalMatrix &matrix, const FoldedMatrix &folded, bool transposed,
                bool toLocal) {
  MoveEmitter e(assembler, Format::DMA_matrix, transposed ? DmaMatrixOp::Transpose : DmaMatrixOp::Copy);
  const LocalTensor &local = folded.tensor;
  const Side &globalSide = toLocal ? source : destination, &localSide = toLocal ? destination : source;
  int64_t item = local.itemBytes();
  e.type(matrix.type, local.type);
  e.check(folded.rows == (transposed ? matrix.cols : matrix.rows) &&
              folded.cols == (transposed ? matrix.rows : matrix.cols),
          "the two matrices have different shapes");
  e.check(matrix.rows >= 1 && matrix.rows <= maxExtent && matrix.cols >= 1 && matrix.cols <= maxExtent,
          "rows or columns are not in 1..65535");
  e.check(matrix.rows == 1 || matrix.pitch >= matrix.cols, "rows overlap");
  e.check(local.w() == 1 || local.strides[3] == 1, "a w stride is not 1");
  if (toLocal)
    e.writes(local, "destination");
  else
    e.reads(local, "source");
  GlobalTensor rows{matrix.address, matrix.type, {1, 1, matrix.rows, matrix.cols}, {0, 0, matrix.pitch, 1}};
  e.globalRange(rows.region(), item, !toLocal);
  e.set(Field::stride_enable, 1);
  e.set(globalSide.size[2], matrix.rows).set(globalSide.size[3], matrix.cols);
  e.set(globalSide.stride[2], matrix.rows == 1 ? 0 : matrix.pitch);
  e.set(localSide.size[0], local.n()).set(localSide.size[1], local.c()).set(localSide.size[3], folded.width);
  e.set(localSide.stride[0], local.strides[0]).set(localSide.stride[1], local.strides[1]);
  e.address(globalSide.low, globalSide.high, matrix.address);
  e.address(localSide.low, localSide.high, local.gdmaAddress());
  e.emit();
}

} // namespace

void Gdma::loadMatrix(const FoldedMatrix &to, const GlobalMatrix &from, bool transposed) {
  if (assembler.options.avoidPriceQuirks && !transposed)
    return price_quirks::loadMatrixPlainly(assembler, to, from);
  emitMatrix(assembler, from, to, transposed, true);
}

void Gdma::storeMatrix(const GlobalMatrix &to, const FoldedMatrix &from, bool transposed) {
  if (assembler.options.avoidPriceQuirks && !transposed)
    return price_quirks::storeMatrixPlainly(assembler, to, from);
  emitMatrix(assembler, to, from, transposed, false);
}

void Gdma::copyLinear(uint64_t to, uint64_t from, int64_t count, ElementType type) {
  MoveEmitter e(assembler, Format::DMA_general, DmaGeneralOp::Copy);
  int64_t item = static_cast<int64_t>(byteSize(type));
  e.type(type, type).check(precisionOf(type).has_value(), "the type is not one of the chip's");
  e.check(count >= 1 && count <= 0xFFFF'FFFF, "the length does not fit 32 bits");
  e.set(Field::move_length, count);
  auto side = [&](uint64_t address, bool isWritten) {
    if (address < localBase || address >= staticBase) {
      e.globalRange({address, address + static_cast<uint64_t>(count * item)}, item, isWritten);
      return;
    }
    // In local memory the bytes stay in one lane.
    LocalTensor bytes = LocalTensor::free((address - localBase) % laneBytes, {1, 1, 1, count}, {0, 0, 0, 1}, type,
                                          static_cast<uint8_t>((address - localBase) / laneBytes));
    e.check(bytes.endOffset() <= laneBytes, "the block goes beyond its lane");
    e.check(bytes.offset % item == 0, "an address is not a multiple of the element size");
    isWritten ? e.access.write(bytes) : e.access.read(bytes);
  };
  side(from, false);
  side(to, true);
  e.address(source.low, source.high, from).address(destination.low, destination.high, to);
  e.emit();
}

namespace {

/// Gather and scatter: channels, rows and columns of data and index.
void setIndexed(MoveEmitter &e, const MemoryTensor &to, const MemoryTensor &from, const MemoryTensor &index) {
  e.maxRows = 0xFFFF'FFFF;
  e.reads(from, "source").reads(index, "index").writes(to, "destination").type(to.type(), from.type());
  e.defaultLayout(to).defaultLayout(from).defaultLayout(index);
  e.check(index.type() == ElementType::U32 || index.type() == ElementType::I32, "the index is not 32-bit");
  for (const MemoryTensor *tensor : {&to, &from, &index})
    e.check(tensor->shape()[0] == 1, "a batch is not 1");
  int64_t c = to.shape()[1];
  e.check(std::max(from.shape()[1], index.shape()[1]) == c && (from.shape()[1] == c || from.shape()[1] == 1) &&
              (index.shape()[1] == c || index.shape()[1] == 1),
          "source and index have neither one channel nor the destination's");
  e.check(from.shape()[3] == to.shape()[3] && index.shape()[3] == 1, "the rows do not go together");
  e.set(Field::src_csize, from.shape()[1])
      .set(Field::src_hsize, from.shape()[2])
      .set(Field::src_wsize, from.shape()[3]);
  e.set(Field::dst_hsize, to.shape()[2]);
  e.set(Field::index_csize, index.shape()[1]).set(Field::index_hsize, index.shape()[2]);
  e.address(source.low, source.high, from.address()).address(destination.low, destination.high, to.address());
  e.address(Field::index_start_addr_l32, Field::index_start_addr_h8, index.address());
}

} // namespace

void Gdma::gather(const MemoryTensor &to, const MemoryTensor &from, const MemoryTensor &index, uint32_t fill) {
  MoveEmitter e(assembler, Format::DMA_gather, DmaGatherOp::Gather);
  setIndexed(e, to, from, index);
  e.check(index.shape()[2] == to.shape()[2], "the index has not one entry per row of the destination");
  e.set(Field::constant_value, fill);
  e.emit();
}

void Gdma::scatter(const MemoryTensor &to, const MemoryTensor &from, const MemoryTensor &index) {
  MoveEmitter e(assembler, Format::DMA_scatter, DmaScatterOp::Scatter);
  setIndexed(e, to, from, index);
  e.check(index.shape()[2] == from.shape()[2], "the index has not one entry per row of the source");
  e.emit();
}

} // namespace tpu_mlir::bm1684x
