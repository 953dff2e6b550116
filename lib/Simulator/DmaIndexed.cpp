// GDMA moves that the data steer: gather and scatter of rows, mask selection, positions of non-zero elements.
#include "Dma.h"

#include <algorithm>
#include <cstring>
#include <vector>

using namespace llvm;
using namespace tpu_mlir;
using namespace tpu_mlir::sim;

namespace {

/// Host address of row h of channel c.
template <typename Byte> Byte *rowOf(const Region &region, Byte *base, int64_t c, int64_t h) {
  return base + region.planeOffset(0, region.shape[1] == 1 ? 0 : c) + region.elementBytes * h * region.stride[2];
}

Region rowsRegion(const FieldReader &fields, uint64_t address, int64_t channels, int64_t rows, int64_t width,
                  Field channelStride, Field rowStride, int bytes) {
  Shape shape{1, channels, rows, width};
  if (!fields.flag(Field::stride_enable))
    return dmaDefaultRegion(address, shape, bytes);
  return dmaRegion(address, shape, {0, fields.size(channelStride), fields.size(rowStride), 1}, bytes);
}

} // namespace

Prepared sim::prepareDmaIndexed(const Instruction &insn) {
  FieldReader fields(insn);
  bool gathers = insn.format() == Format::DMA_gather;
  if (fields[Field::cmd_special_function] != 0 || fields.flag(Field::decompress_enable))
    return fields.unsupported();
  int bytes = dmaElementBytes(fields);
  int64_t sourceChannels = fields.size(Field::src_csize), indexChannels = fields.size(Field::index_csize);
  int64_t channels = std::max(sourceChannels, indexChannels); // the destination's own field is not used
  int64_t sourceRows = fields.size(Field::src_hsize), width = fields.size(Field::src_wsize);
  int64_t indices = gathers ? fields.size(Field::index_hsize) : sourceRows;
  int64_t targetRows = gathers ? indices : fields.size(Field::dst_hsize);
  fields.require((sourceChannels == 1 || sourceChannels == channels) &&
                     (indexChannels == 1 || indexChannels == channels),
                 "source and index have different numbers of channels");
  Operation op;
  op.addRead(rowsRegion(fields, insn.sourceAddress(), sourceChannels, sourceRows, width, Field::src_cstride,
                        Field::src_hstride, bytes));
  op.addRead(rowsRegion(fields, insn.indexAddress(), indexChannels, indices, 1, Field::index_cstride,
                        Field::index_hstride, 4));
  op.addWrite(rowsRegion(fields, insn.destinationAddress(), channels, targetRows, width, Field::dst_cstride,
                         Field::dst_hstride, bytes));
  auto fill = static_cast<uint32_t>(fields[Field::constant_value]);
  if (Error error = fields.takeError())
    return error;
  op.run = [=, from = op.reads[0], index = op.reads[1], to = op.writes[0]](const Context &context) {
    std::vector<uint8_t> constant(width * bytes);
    for (int64_t i = 0; i < width; ++i)
      std::memcpy(&constant[i * bytes], &fill, bytes);
    for (int64_t c = 0; c < channels; ++c)
      for (int64_t i = 0; i < indices; ++i) {
        uint32_t at;
        std::memcpy(&at, rowOf(index, context.reads[1], c, i), 4);
        if (gathers)
          std::memcpy(rowOf(to, context.writes[0], c, i),
                      at < sourceRows ? rowOf(from, context.reads[0], c, at) : constant.data(), width * bytes);
        else if (at < targetRows)
          std::memcpy(rowOf(to, context.writes[0], c, at), rowOf(from, context.reads[0], c, i), width * bytes);
      }
    return Error::success();
  };
  return op;
}

Prepared sim::prepareDmaCompaction(const Instruction &insn) {
  FieldReader fields(insn);
  bool selects = insn.format() == Format::DMA_masked_select;
  if ((!selects && insn.format() != Format::DMA_nonzero) || fields[Field::cmd_special_function] != 0 ||
      fields.flag(Field::stride_enable))
    return fields.unsupported();
  int bytes = dmaElementBytes(fields);
  int resultBytes = selects ? bytes : 4;
  if (!selects)
    fields.require(fields.precision(Field::index_data_format) == Precision::I32, "indices are 32-bit integers only");
  Shape shape{fields.size(Field::src_nsize), fields.size(Field::src_csize), fields.size(Field::src_hsize),
              fields.size(Field::src_wsize)};
  Operation op;
  op.addRead(dmaDefaultRegion(insn.sourceAddress(), shape, bytes));
  if (selects)
    op.addRead(dmaDefaultRegion(insn.maskAddress(), shape, dmaElementBytes(fields, Field::mask_data_format)));
  // At most as many results as elements; how many is known only when the data are.
  Region to = dmaRegion(insn.destinationAddress(), {1, 1, 1, op.reads[0].elements()}, {0, 0, 0, 1}, resultBytes);
  op.addWrite(to);
  auto first = static_cast<uint32_t>(fields[Field::base_index]);
  if (Error error = fields.takeError())
    return error;
  op.run = [=, from = op.reads[0], mask = op.reads[selects ? 1 : 0]](const Context &context) {
    const uint8_t *maskBase = context.reads[selects ? 1 : 0];
    uint8_t *out = context.writes[0] + to.planeOffset(0, 0);
    uint32_t flat = first;
    for (int64_t plane = 0; plane < shape[0] * shape[1]; ++plane) {
      int64_t n = plane / shape[1], c = plane % shape[1];
      const uint8_t *values = context.reads[0] + from.planeOffset(n, c), *test = maskBase + mask.planeOffset(n, c);
      for (int64_t i = 0; i < from.plane(); ++i, ++flat) {
        uint32_t taken = 0;
        std::memcpy(&taken, test + i * mask.elementBytes, mask.elementBytes);
        if (!taken)
          continue;
        if (selects)
          std::memcpy(out, values + i * bytes, bytes);
        else
          std::memcpy(out, &flat, 4);
        out += resultBytes;
      }
    }
    return Error::success();
  };
  return op;
}
