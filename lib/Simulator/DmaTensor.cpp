// GDMA tensor moves: copies with strides and reshapes, constant fills, exchanges of N and C or C and W, broadcasts over
// channels; matrices and linear blocks.
#include "Dma.h"
#include "tpu_mlir/Support/Parallel.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <new>
#include <vector>

using namespace llvm;
using namespace tpu_mlir;
using namespace tpu_mlir::sim;

namespace {

Shape sourceShape(const FieldReader &fields) {
  return {fields.size(Field::src_nsize), fields.size(Field::src_csize), fields.size(Field::src_hsize),
          fields.size(Field::src_wsize)};
}
Shape targetShape(const FieldReader &fields) {
  return {fields.size(Field::dst_nsize), fields.size(Field::dst_csize), fields.size(Field::dst_hsize),
          fields.size(Field::dst_wsize)};
}
Shape sourceStrides(const FieldReader &fields) {
  return {fields.size(Field::src_nstride), fields.size(Field::src_cstride), fields.size(Field::src_hstride),
          fields.size(Field::src_wstride)};
}
Shape targetStrides(const FieldReader &fields) {
  return {fields.size(Field::dst_nstride), fields.size(Field::dst_cstride), fields.size(Field::dst_hstride),
          fields.size(Field::dst_wstride)};
}

Region sideRegion(const FieldReader &fields, uint64_t address, const Shape &shape, const Shape &strides, int bytes) {
  return fields.flag(Field::stride_enable) ? dmaRegion(address, shape, strides, bytes)
                                           : dmaDefaultRegion(address, shape, bytes);
}

bool laneTakesPart(const Region &region, int64_t c) {
  return !region.local || (region.laneMask >> ((region.lane + c) % laneCount) & 1);
}

/// Calls copyPlane(target n, c) for every plane, on several threads unless `sequential`.
template <typename CopyPlane> void forTargetPlanes(const Region &to, bool sequential, CopyPlane copyPlane) {
  int64_t channels = to.shape[1], planes = to.shape[0] * channels;
  auto some = [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i)
      if (laneTakesPart(to, i % channels))
        copyPlane(i / channels, i % channels);
  };
  if (sequential)
    some(0, planes);
  else
    parallelFor(planes, std::max<int64_t>(1, 65536 / (to.plane() * to.elementBytes)), some);
}

void copyPlaneRows(const Region &from, const uint8_t *source, const Region &to, uint8_t *target) {
  int64_t bytes = to.elementBytes, width = to.shape[3];
  if (from.planeIsDense() && to.planeIsDense())
    return copyRow(source, 1, target, 1, to.plane(), to.elementBytes);
  for (int64_t h = 0; h < to.shape[2]; ++h)
    copyRow(source + bytes * h * from.stride[2], from.stride[3], target + bytes * h * to.stride[2], to.stride[3], width,
            to.elementBytes);
}

/// Element by element in the order n, c, h, w: what the simulated engine does, visible when the tensors overlap.
void copyOneByOne(const Region &from, const uint8_t *source, const Region &to, uint8_t *target) {
  int64_t bytes = to.elementBytes, count = to.elements();
  auto place = [bytes](const Region &region, int64_t i) {
    int64_t w = i % region.shape[3], h = i / region.shape[3] % region.shape[2], plane = i / region.plane();
    return region.planeOffset(plane / region.shape[1], plane % region.shape[1]) +
           bytes * (h * region.stride[2] + w * region.stride[3]);
  };
  for (int64_t i = 0; i < count; ++i)
    if (laneTakesPart(to, i / to.plane() % to.shape[1]))
      std::memcpy(target + place(to, i), source + place(from, i), bytes);
}

/// Copies between shapes with equally many elements, through a dense buffer.
Error copyReshaped(const Region &from, const uint8_t *source, const Region &to, uint8_t *target) {
  int64_t bytes = to.elementBytes, count = to.elements();
  std::unique_ptr<uint8_t[]> dense(new (std::nothrow) uint8_t[count * bytes]);
  if (!dense)
    return createStringError("not enough host memory to move " + Twine(count * bytes) + " bytes");
  parallelFor(from.shape[0] * from.shape[1], 16, [&](int64_t begin, int64_t end) {
    for (int64_t plane = begin; plane < end; ++plane)
      for (int64_t h = 0; h < from.shape[2]; ++h)
        copyRow(source + from.planeOffset(plane / from.shape[1], plane % from.shape[1]) + bytes * h * from.stride[2],
                from.stride[3], &dense[bytes * (plane * from.plane() + h * from.shape[3])], 1, from.shape[3], bytes);
  });
  forTargetPlanes(to, false, [&](int64_t n, int64_t c) {
    const uint8_t *plane = &dense[bytes * (n * to.shape[1] + c) * to.plane()];
    for (int64_t h = 0; h < to.shape[2]; ++h)
      copyRow(plane + bytes * h * to.shape[3], 1, target + to.planeOffset(n, c) + bytes * h * to.stride[2],
              to.stride[3], to.shape[3], bytes);
  });
  return Error::success();
}

Prepared prepareCopy(FieldReader &fields, int bytes) {
  Shape shape = sourceShape(fields);
  Shape target = fields.flag(Field::nchw_copy) ? shape : targetShape(fields);
  Operation op;
  op.addRead(sideRegion(fields, fields.insn.sourceAddress(), shape, sourceStrides(fields), bytes));
  Region to = sideRegion(fields, fields.insn.destinationAddress(), target, targetStrides(fields), bytes);
  to.laneMask = fields.insn.laneMask();
  op.addWrite(to);
  fields.require(op.reads[0].elements() == to.elements(), "source and destination have different numbers of elements");
  if (Error error = fields.takeError())
    return error;
  bool overlaps = mayOverlap(op.reads[0], to), reshapes = shape != target;
  op.overlapSafe = true;
  op.run = [from = op.reads[0], to, overlaps, reshapes](const Context &context) -> Error {
    const uint8_t *source = context.reads[0];
    uint8_t *dest = context.writes[0];
    if (overlaps)
      copyOneByOne(from, source, to, dest);
    else if (reshapes)
      return copyReshaped(from, source, to, dest);
    else
      forTargetPlanes(to, false, [&](int64_t n, int64_t c) {
        copyPlaneRows(from, source + from.planeOffset(n, c), to, dest + to.planeOffset(n, c));
      });
    return Error::success();
  };
  return op;
}

Prepared prepareFill(FieldReader &fields, int bytes) {
  Shape shape = fields.flag(Field::nchw_copy) ? sourceShape(fields) : targetShape(fields);
  Operation op;
  Region to = sideRegion(fields, fields.insn.destinationAddress(), shape, targetStrides(fields), bytes);
  to.laneMask = fields.insn.laneMask();
  op.addWrite(to);
  auto value = static_cast<uint32_t>(fields[Field::constant_value]);
  if (Error error = fields.takeError())
    return error;
  op.run = [to, value](const Context &context) {
    std::vector<uint8_t> row(to.shape[3] * to.elementBytes);
    for (int64_t i = 0; i < to.shape[3]; ++i)
      std::memcpy(&row[i * to.elementBytes], &value, to.elementBytes);
    forTargetPlanes(to, false, [&](int64_t n, int64_t c) {
      for (int64_t h = 0; h < to.shape[2]; ++h)
        copyRow(row.data(), 1, context.writes[0] + to.planeOffset(n, c) + to.elementBytes * h * to.stride[2],
                to.stride[3], to.shape[3], to.elementBytes);
    });
    return Error::success();
  };
  return op;
}

/// N and C exchanged, or C and W.
Prepared prepareExchange(FieldReader &fields, int bytes, bool withW) {
  Shape s = sourceShape(fields);
  Shape target = withW ? Shape{s[0], s[3], s[2], s[1]} : Shape{s[1], s[0], s[2], s[3]};
  Operation op;
  op.addRead(sideRegion(fields, fields.insn.sourceAddress(), s, sourceStrides(fields), bytes));
  Region to = sideRegion(fields, fields.insn.destinationAddress(), target, targetStrides(fields), bytes);
  to.laneMask = fields.insn.laneMask();
  op.addWrite(to);
  if (Error error = fields.takeError())
    return error;
  op.run = [from = op.reads[0], to, withW, bytes](const Context &context) {
    forTargetPlanes(to, false, [&](int64_t n, int64_t c) {
      uint8_t *plane = context.writes[0] + to.planeOffset(n, c);
      if (!withW)
        return copyPlaneRows(from, context.reads[0] + from.planeOffset(c, n), to, plane);
      for (int64_t w = 0; w < to.shape[3]; ++w) {
        const uint8_t *column = context.reads[0] + from.planeOffset(n, w) + bytes * c * from.stride[3];
        copyRow(column, from.stride[2], plane + bytes * w * to.stride[3], to.stride[2], to.shape[2], bytes);
      }
    });
    return Error::success();
  };
  return op;
}

/// One channel to several lanes; the strides along W are taken as 1.
Prepared prepareChannelBroadcast(FieldReader &fields, int bytes) {
  Shape shape = sourceShape(fields);
  int64_t channels = fields.size(Field::dst_csize);
  fields.require(shape[1] == 1, "the source of a channel broadcast has more than one channel");
  Shape fromStrides = sourceStrides(fields), toStrides = targetStrides(fields);
  fromStrides[3] = toStrides[3] = 1;
  Operation op;
  op.addRead(sideRegion(fields, fields.insn.sourceAddress(), shape, fromStrides, bytes));
  Region to =
      sideRegion(fields, fields.insn.destinationAddress(), {shape[0], channels, shape[2], shape[3]}, toStrides, bytes);
  to.laneMask = fields.insn.laneMask();
  op.addWrite(to);
  fields.require(to.local && to.lane + channels <= laneCount, "a channel broadcast reaches past the last lane");
  if (Error error = fields.takeError())
    return error;
  op.run = [from = op.reads[0], to](const Context &context) {
    forTargetPlanes(to, false, [&](int64_t n, int64_t c) {
      copyPlaneRows(from, context.reads[0] + from.planeOffset(n, 0), to, context.writes[0] + to.planeOffset(n, c));
    });
    return Error::success();
  };
  return op;
}

} // namespace

Prepared sim::prepareDmaTensor(const Instruction &insn) {
  FieldReader fields(insn);
  int bytes = dmaElementBytes(fields);
  fields.require(!fields.flag(Field::decompress_enable), "compressed moves are not supported");
  if (insn.format() == Format::DMA_cw_transpose)
    return prepareExchange(fields, bytes, true);
  switch (fields[Field::cmd_special_function]) {
  case 0:
    return fields.flag(Field::fill_constant_en) ? prepareFill(fields, bytes) : prepareCopy(fields, bytes);
  case 1:
    return prepareExchange(fields, bytes, false);
  case 3:
    return prepareChannelBroadcast(fields, bytes);
  default:
    return fields.unsupported();
  }
}

Prepared sim::prepareDmaMatrix(const Instruction &insn) {
  FieldReader fields(insn);
  if (insn.format() != Format::DMA_matrix)
    return fields.unsupported();
  int bytes = dmaElementBytes(fields);
  fields.require(fields[Field::cmd_special_function] <= 1 && !fields.flag(Field::decompress_enable) &&
                     !fields.flag(Field::fill_constant_en),
                 "this form of matrix move is not supported");
  Region probe = dmaRegion(insn.destinationAddress(), {}, {}, bytes);
  bool toLocal = probe.local, transposed = fields[Field::cmd_special_function] == 1;
  Shape flatShape = toLocal ? sourceShape(fields) : targetShape(fields);
  Shape flatStrides = toLocal ? sourceStrides(fields) : targetStrides(fields);
  Shape localShape = toLocal ? targetShape(fields) : sourceShape(fields);
  Shape localStrides = toLocal ? targetStrides(fields) : sourceStrides(fields);
  uint64_t flatAddress = toLocal ? insn.sourceAddress() : insn.destinationAddress();
  uint64_t localAddress = toLocal ? insn.destinationAddress() : insn.sourceAddress();
  int64_t rows = flatShape[2], columns = flatShape[3], width = localShape[3];
  fields.require(rows >= 1 && columns >= 1 && width >= 1, "a size is 0");
  if (Error error = fields.takeError())
    return error;

  int64_t localRows = transposed ? columns : rows, localColumns = transposed ? rows : columns;
  int64_t full = localColumns / width, rest = localColumns % width;
  bool strided = fields.flag(Field::stride_enable);
  Region all = strided ? dmaRegion(localAddress, {localRows, full + (rest > 0), 1, width},
                                   {localStrides[0], localStrides[1], width, 1}, bytes)
                       : dmaDefaultRegion(localAddress, {localRows, full + (rest > 0), 1, width}, bytes);
  Region flat = dmaRegion(flatAddress, {1, 1, rows, columns}, {0, 0, strided ? flatStrides[2] : columns, 1}, bytes);
  fields.require(all.local && !flat.local, "a matrix move goes between local memory and another one");
  if (Error error = fields.takeError())
    return error;

  // The last channel may be used in part: it is a region of its own.
  Operation op;
  auto add = [&](const Region &region) { toLocal ? op.addWrite(region) : op.addRead(region); };
  if (full) {
    Region whole = all;
    whole.shape[1] = full;
    add(whole);
  }
  if (rest) {
    Region part = all;
    int64_t lane = all.lane + full;
    part.lane = lane % laneCount;
    part.address += lane / laneCount * all.stride[1] * bytes;
    part.shape = {localRows, 1, 1, rest};
    add(part);
  }
  toLocal ? op.addRead(flat) : op.addWrite(flat);
  size_t flatIndex = (toLocal ? op.reads.size() : op.writes.size()) - 1;
  op.run = [=](const Context &context) {
    // All regions of local memory have the same host base.
    uint8_t *local = toLocal ? context.writes[0] : const_cast<uint8_t *>(context.reads[0]);
    uint8_t *system = toLocal ? const_cast<uint8_t *>(context.reads[flatIndex]) : context.writes[flatIndex];
    parallelFor(localRows, 8, [&](int64_t begin, int64_t end) {
      for (int64_t r = begin; r < end; ++r)
        for (int64_t c = 0; c < localColumns; c += width) {
          uint8_t *inLane = local + all.planeOffset(r, c / width);
          int64_t count = std::min(width, localColumns - c), pitch = flat.stride[2];
          uint8_t *inFlat = system + flat.address + bytes * (transposed ? c * pitch + r : r * pitch + c);
          int64_t step = transposed ? pitch : 1;
          toLocal ? copyRow(inFlat, step, inLane, 1, count, bytes) : copyRow(inLane, 1, inFlat, step, count, bytes);
        }
    });
    return Error::success();
  };
  return op;
}

Prepared sim::prepareDmaGeneral(const Instruction &insn) {
  FieldReader fields(insn);
  if (insn.format() != Format::DMA_general || fields[Field::cmd_special_function] > 1 ||
      fields.flag(Field::fill_constant_en) || fields.flag(Field::decompress_enable))
    return fields.unsupported();
  int bytes = dmaElementBytes(fields);
  int64_t length = fields.size(Field::move_length);
  bool broadcasts = fields[Field::cmd_special_function] == 1;
  int64_t channels = broadcasts ? fields.size(Field::dst_csize) : 1;
  Operation op;
  op.addRead(dmaRegion(insn.sourceAddress(), {1, 1, 1, length}, {0, 0, 0, 1}, bytes));
  Region to = dmaRegion(insn.destinationAddress(), {1, channels, 1, length}, {0, 0, 0, 1}, bytes);
  if (broadcasts) {
    to.laneMask = insn.laneMask();
    fields.require(to.local && to.lane + channels <= laneCount, "a broadcast reaches past the last lane");
  }
  op.addWrite(to);
  if (Error error = fields.takeError())
    return error;
  bool overlaps = mayOverlap(op.reads[0], to);
  op.overlapSafe = true;
  op.run = [from = op.reads[0], to, overlaps](const Context &context) {
    if (overlaps)
      copyOneByOne(Region(from), context.reads[0], to, context.writes[0]);
    else
      forTargetPlanes(to, false, [&](int64_t n, int64_t c) {
        copyRow(context.reads[0] + from.planeOffset(0, 0), 1, context.writes[0] + to.planeOffset(0, c), 1, to.shape[3],
                to.elementBytes);
      });
    return Error::success();
  };
  return op;
}
