// Prices of GDMA instructions. DDR moves runs of contiguous bytes; a run shorter than a burst costs a whole burst. DDR
// has four channels interleaved by 4 KiB, counted from the start address of a move; a move that touches only some of
// them is slower by that factor.
#include "Cycles.h"
#include "tpu_mlir/Target/BM1684X/Machine.h"
#include <algorithm>

namespace tpu_mlir::bm1684x {
namespace {

constexpr double gib = 1e9 / (1 << 30);
/// The vendor computes with 32-bit floats, which shows where a price is nearly whole.
constexpr double floatSlack = 6.4e-8;
constexpr int64_t burstBytes = 256, pageBytes = 4096, channels = 4;

struct Box {
  int64_t size[4], stride[4];
  int64_t elements() const { return size[0] * size[1] * size[2] * size[3]; }
};

enum class Direction { Load, Store, Global, Local };

class Move {
public:
  explicit Move(const Instruction &instruction)
      : i(instruction), fromLocal(isLocal(i.sourceAddress())), toLocal(isLocal(i.destinationAddress())),
        item(precisionBytes(i[Field::src_data_format])) {}

  Cost cost() const;

private:
  static bool isLocal(uint64_t address) { return address >= localBase && address < staticBase; }
  Direction direction() const {
    return fromLocal ? toLocal ? Direction::Local : Direction::Store : toLocal ? Direction::Load : Direction::Global;
  }
  int64_t value(Field field) const { return static_cast<int64_t>(i[field]); }
  Box source() const {
    return {
        {value(Field::src_nsize), value(Field::src_csize), value(Field::src_hsize), value(Field::src_wsize)},
        {value(Field::src_nstride), value(Field::src_cstride), value(Field::src_hstride), value(Field::src_wstride)}};
  }
  Box destination() const {
    return {
        {value(Field::dst_nsize), value(Field::dst_csize), value(Field::dst_hsize), value(Field::dst_wsize)},
        {value(Field::dst_nstride), value(Field::dst_cstride), value(Field::dst_hstride), value(Field::dst_wstride)}};
  }
  /// Bytes of a contiguous run of a box of h rows of w elements.
  int64_t run(int64_t h, int64_t w, int64_t hStride, int64_t wStride) const {
    if (wStride != 1 && w > 1)
      return item;
    return h > 1 && hStride != w ? w * item : h * w * item;
  }
  /// Marks the channels that a side touches and returns how many are marked so far.
  int64_t touch(int64_t n, int64_t c, int64_t h, const int64_t *stride, bool (&touched)[channels]) const;

  double matrix() const;
  double fill() const;
  double broadcast() const;
  double tensor() const;
  static double bursts(int64_t bytes, int64_t run) {
    return static_cast<double>(bytes) / static_cast<double>(run) * static_cast<double>(std::max(burstBytes, run));
  }
  double bytesPerCycle() const {
    constexpr double rates[] = {58, 44, 28, 28};
    return rates[static_cast<size_t>(direction())];
  }
  /// Bytes of the moves that have no stride penalty.
  int64_t linearBytes() const;

  const Instruction &i;
  bool fromLocal, toLocal;
  int64_t item;
};

int64_t Move::touch(int64_t n, int64_t c, int64_t h, const int64_t *stride, bool (&touched)[channels]) const {
  auto count = [&] { return std::count(std::begin(touched), std::end(touched), true); };
  int64_t pages = std::min(channels, std::max<int64_t>(1, ceilDiv(h * stride[2] * item, pageBytes)));
  for (int64_t batch = 0; batch < n && batch * stride[0] * item < pageBytes * channels; ++batch)
    for (int64_t channel = 0; channel < c; ++channel) {
      int64_t page = (batch * stride[0] + channel * stride[1]) * item / pageBytes;
      if (page >= channels) // only starts in the first 16 KiB count
        break;
      for (int64_t next = 0; next < pages; ++next)
        touched[(page + next) % channels] = true;
      if (count() == channels)
        return channels;
    }
  return std::max<int64_t>(1, count());
}

double Move::matrix() const {
  bool transposed = i.is(DmaMatrixOp::Transpose);
  Box local = fromLocal ? source() : destination(), global = fromLocal ? destination() : source();
  int64_t rows = global.size[2], width = local.size[3];
  int64_t piece = (transposed ? std::min(width, rows) : width) * item;
  return piece == 0 ? 0 : bursts(rows * global.size[3] * item, piece) / (bytesPerCycle() * (transposed ? 0.75 : 1.0));
}

double Move::fill() const {
  Box to = destination();
  return bursts(to.elements() * item, run(to.size[2], to.size[3], to.stride[2], to.stride[3])) / 58;
}

double Move::broadcast() const {
  Box from = source();
  return bursts(from.elements() * item, run(from.size[2], from.size[3], from.stride[2], 1)) / 58;
}

double Move::tensor() const {
  Box from = source(), to = destination();
  bool transposed = i.is(DmaTensorOp::Transpose);
  const auto [n, c, h, w] = from.size;
  const int64_t toN = transposed ? c : n, toC = transposed ? n : c;
  int64_t fromBatches = n, toBatches = toN;
  if (!i[Field::stride_enable]) {
    from = {{n, c, h, w}, {c * h * w, h * w, w, 1}};
    to.stride[0] = toC * h * w;
    to.stride[1] = h * w;
    to.stride[2] = w;
    to.stride[3] = 1;
    fromBatches = toBatches = 1;
  }
  int64_t piece = std::min(run(h, w, from.stride[2], from.stride[3]), run(h, w, to.stride[2], to.stride[3]));
  double factor = 1;
  bool touched[channels] = {};
  if (!fromLocal)
    factor *= static_cast<double>(channels) / static_cast<double>(touch(fromBatches, c, h, from.stride, touched));
  if (!toLocal)
    factor *= static_cast<double>(channels) / static_cast<double>(touch(toBatches, toC, h, to.stride, touched));
  return bursts(n * c * h * w * item, piece) * factor / (bytesPerCycle() * gib);
}

int64_t Move::linearBytes() const {
  switch (i.format()) {
  case Format::DMA_general:
  case Format::sDMA_general:
    return value(Field::move_length) * item;
  case Format::DMA_gather:
    return value(Field::src_csize) * value(Field::dst_hsize) * value(Field::src_wsize) * item;
  case Format::DMA_scatter:
    return value(Field::src_csize) * value(Field::src_hsize) * value(Field::src_wsize) * item;
  case Format::DMA_nonzero:
  case Format::sDMA_nonzero:
    return source().elements() * 4; // 32-bit indices
  default:
    return source().elements() * item;
  }
}

Cost Move::cost() const {
  if (i.format() == Format::sDMA_sys)
    return {};
  bool isTensor = i.format() == Format::DMA_tensor, isMatrix = i.format() == Format::DMA_matrix;
  bool isFill = isTensor && i[Field::fill_constant_en];
  if (isTensor && (isFill ? destination() : source()).elements() == 0)
    return {};
  double price;
  int64_t bytes;
  if (isMatrix) {
    Box global = fromLocal ? destination() : source();
    price = matrix();
    bytes = global.size[2] * global.size[3] * item;
  } else if (isTensor) {
    price = isFill ? fill() : i.is(DmaTensorOp::Broadcast) ? broadcast() : tensor();
    bytes = isFill ? 0 : source().elements() * item;
  } else {
    bytes = linearBytes();
    price = static_cast<double>(bytes) / (direction() == Direction::Local ? 32 : 64);
  }
  Cost result{static_cast<uint64_t>(price + floatSlack * price), 0, 0};
  if (!fromLocal)
    result.bytesRead = static_cast<uint64_t>(bytes);
  if (!toLocal)
    result.bytesWritten = static_cast<uint64_t>(bytes);
  return result;
}

} // namespace

Cost gdmaCost(const Instruction &instruction) { return Move(instruction).cost(); }

} // namespace tpu_mlir::bm1684x
