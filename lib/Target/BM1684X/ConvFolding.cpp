// Forms of convolutions: geometry, price, packing of weights.
#include "tpu_mlir/Target/BM1684X/ConvFolding.h"

#include "tpu_mlir/Target/BM1684X/WeightPacking.h"

#include <cstring>
#include <numeric>

using namespace tpu_mlir;
using namespace tpu_mlir::bm1684x;

static int64_t floorMod(int64_t a, int64_t b) { return ((a % b) + b) % b; }

std::optional<FoldedAxis> FoldedAxis::of(const KernelAxis &source, int64_t phases, int64_t positions) {
  FoldedAxis axis;
  axis.source = source;
  axis.phases = phases;
  axis.positions = positions;
  int64_t step = source.insert + 1, advance = axis.block() * source.stride;
  if (advance % step != 0)
    return std::nullopt;
  axis.stride = advance / step;
  // Input positions under each phase.
  llvm::SmallVector<llvm::SmallVector<int64_t, 16>, 4> offsets(static_cast<size_t>(phases));
  for (int64_t f = 0; f < phases; ++f)
    for (int64_t p = 0; p < positions; ++p)
      for (int64_t j = 0; j < source.kernel; ++j) {
        int64_t at = (f * positions + p) * source.stride - source.padBefore + source.dilation * j;
        if (floorMod(at, step) == 0)
          offsets[static_cast<size_t>(f)].push_back(at / step);
      }
  int64_t span = 0, common = 0;
  for (auto &list : offsets) {
    int64_t first = list.empty() ? 0 : *llvm::min_element(list);
    axis.begin.push_back(first);
    for (int64_t offset : list) {
      span = std::max(span, offset - first);
      common = std::gcd(common, offset - first);
    }
  }
  axis.dilation = std::max<int64_t>(1, common);
  axis.kernel = span / axis.dilation + 1;
  return axis;
}

int64_t FoldedAxis::grain() const {
  int64_t step = source.insert + 1;
  return step / std::gcd(step, source.stride);
}

int64_t FoldedAxis::sourceTap(int64_t phase, int64_t position, int64_t tap) const {
  int64_t at = (begin[static_cast<size_t>(phase)] + dilation * tap) * (source.insert + 1);
  int64_t distance = at - (phase * positions + position) * source.stride + source.padBefore;
  if (distance < 0 || distance % source.dilation != 0 || distance / source.dilation >= source.kernel)
    return -1;
  return distance / source.dilation;
}

int64_t FoldedAxis::span() const { return *llvm::max_element(begin) - firstBegin() + dilation * (kernel - 1) + 1; }

bool FoldedAxis::windowsMeetInput(int64_t outputs, int64_t inputs) const {
  for (int64_t i = 0; i < ceilDiv(outputs, block()); ++i)
    for (int64_t first : begin) {
      bool meets = false;
      for (int64_t t = 0; t < kernel && !meets; ++t) {
        int64_t at = first + i * stride + t * dilation;
        meets = at >= 0 && at < inputs;
      }
      if (!meets)
        return false;
    }
  return true;
}

std::optional<ConvFolding> ConvFolding::of(const KernelAxis &h, const KernelAxis &w, int64_t ic, int64_t oc,
                                           int64_t rows, bool rowsAsChannels) {
  if (rows < 1 || rows > numLanes || numLanes % rows != 0 || (rows > 1 && oc > numLanes / rows))
    return std::nullopt;
  auto grain = [](const KernelAxis &axis) { return (axis.insert + 1) / std::gcd(axis.insert + 1, axis.stride); };
  auto foldedH = FoldedAxis::of(h, rows > 1 ? 1 : grain(h), rows);
  auto foldedW = FoldedAxis::of(w, grain(w), 1);
  if (!foldedH || !foldedW || (rowsAsChannels && foldedH->phases > 1))
    return std::nullopt;
  return ConvFolding{*foldedH, *foldedW, ic, oc, rowsAsChannels};
}

bool ConvFolding::joinsPatches(int64_t iw, int64_t ow) const {
  return rowsAsChannels && w.phases == 1 && w.stride > 1 && w.stride == w.kernel && w.dilation == 1 &&
         w.begin[0] == 0 && iw == ow * w.stride;
}

namespace {
/// Rows of one plane in lines of local memory.
int64_t lines(int64_t w, ElementType type) { return ceilDiv(w * static_cast<int64_t>(byteSize(type)), lineBytes); }

int64_t pixelsAtOnce(ElementType type) { return byteSize(type) == 4 ? 16 : 4; }

/// The convolution instruction, for bytes with the requantization of its sums.
int64_t sumCycles(const ConvExtents &e, int64_t ic, int64_t oc, int64_t area) {
  int64_t rounds = ceilDiv(oc, numLanes);
  int64_t cycles = rounds * ceilDiv(e.oh * e.ow, pixelsAtOnce(e.type)) * ceilDiv(ic, convChannelPack(e.type)) * area;
  return e.n * (cycles + (byteSize(e.type) == 1 ? rounds * ceilDiv(e.oh * e.ow, 16) : 0));
}

int64_t weightCycles(int64_t oc, int64_t row, ElementType type) {
  return oc * std::max<int64_t>(256, row * static_cast<int64_t>(byteSize(type))) / 54;
}

/// What the instructions' fields and local memory allow.
bool isPossible(const ConvFolding &form, const ConvExtents &e) {
  bool strides = (form.rowsAsChannels || form.h.stride <= 15) && (form.w.stride <= 15 || form.joinsPatches(e.iw, e.ow));
  bool dilations = (form.rowsAsChannels || form.h.dilation <= 16) && form.w.dilation <= 16;
  int64_t row = packedConvRow(form.inChannels(), form.kernelArea(), e.type), item = byteSize(e.type);
  constexpr int64_t mostBytes = 48 << 10, mostRowsAsChannels = 512;
  if (!strides || !dilations || form.phases() * row * item > mostBytes || row / convChannelPack(e.type) > maxExtent)
    return false;
  if (form.rowsAsChannels && form.inChannels() > mostRowsAsChannels)
    return false;
  if (form.phases() > 1 && (form.h.span() > 15 || form.w.span() > 15))
    return false;
  auto meets = [](const FoldedAxis &axis, int64_t outputs, int64_t inputs) {
    return axis.phases == 1 || axis.windowsMeetInput(outputs, inputs);
  };
  return meets(form.h, e.oh, e.ih) && meets(form.w, e.ow, e.iw);
}
} // namespace

int64_t ConvFolding::computeCycles(const ConvExtents &e, TurnPrice turns) const {
  int64_t down = ceilDiv(e.oh, h.block()), across = ceilDiv(e.ow, w.block());
  ConvExtents part = e;
  part.oh = down;
  part.ow = across;
  int64_t channels = rows() > 1 ? outChannels() : e.oc, rounds = ceilDiv(channels, numLanes);
  int64_t sum = phases() * sumCycles(part, inChannels(), channels, kernelArea());
  int64_t moves = 0;
  // The model charges 64 lanes for transpositions of more; here every round counts.
  auto turn = [&](int64_t lanes, int64_t linesPerLane) {
    moves += linesPerLane * (turns == TurnPrice::PerLane ? lanes : ceilDiv(lanes, numLanes));
  };
  if (phases() > 1) // into every second column and the like
    moves += phases() * rounds * lines(down * across, e.type) * w.phases;
  if (rowsAsChannels) {
    turn(ic, e.ih * lines(e.iw, e.type));
    moves += h.kernel * ceilDiv(e.iw, numLanes) * down * lines(ic, e.type);
    turn(inChannels(), down * lines(e.iw, e.type));
  }
  if (rows() > 1) {
    turn(numLanes, down * lines(e.ow, e.type));
    turn(rowLanes(), e.oh * lines(e.ow, e.type));
    if (e.oh % rows() || oc != rowLanes())
      moves += lines(e.oh * e.ow, e.type);
  }
  return sum + e.n * moves;
}

int64_t ConvFolding::cycles(const ConvExtents &e, TurnPrice turns) const {
  int64_t row = packedConvRow(inChannels(), kernelArea(), e.type);
  return computeCycles(e, turns) + weightCycles(phases() * outChannels(), row, e.type);
}

std::optional<ConvFolding> ConvFolding::choose(const KernelAxis &h, const KernelAxis &w, const ConvExtents &e,
                                               TurnPrice turns) {
  ConvExtents tile = e;
  int64_t tiles = 1; // an instruction has strides up to 15; beyond, it computes one position
  for (auto [axis, extent] : {std::pair{&h, &tile.oh}, std::pair{&w, &tile.ow}})
    if (axis->stride > 15)
      tiles *= std::exchange(*extent, 1);
  int64_t row = packedConvRow(e.ic, h.kernel * w.kernel, e.type);
  int64_t best = tiles * sumCycles(tile, e.ic, e.oc, h.kernel * w.kernel) + weightCycles(e.oc, row, e.type);
  best -= std::max<int64_t>(best / 20, 100); // what instructions and scratch memory are worth
  std::optional<ConvFolding> chosen;
  for (int64_t rows = 1; rows <= numLanes / 2; rows *= 2)
    for (bool asChannels : {false, true}) {
      std::optional<ConvFolding> form = of(h, w, e.ic, e.oc, rows, asChannels);
      if (!form || (rows > 1 && rows > e.oh) || (asChannels && form->h.kernel == 1) || !isPossible(*form, e))
        continue;
      if (int64_t cycles = form->cycles(e, turns); cycles < best) {
        best = cycles;
        chosen = form;
      }
    }
  return chosen;
}

Tensor bm1684x::packFoldedWeights(const Tensor &weights, const ConvFolding &folding, bool rotated) {
  int64_t kh = folding.h.source.kernel, kw = folding.w.source.kernel, item = byteSize(weights.type());
  int64_t ic = folding.ic, area = folding.kernelArea(), outChannels = folding.outChannels();
  int64_t inChannels = folding.inChannels(), row = packedConvRow(inChannels, area, weights.type());
  Tensor packed(weights.type(), {1, folding.phases() * outChannels, 1, row});
  std::memset(packed.data<uint8_t>(), 0, packed.bytes());
  auto turned = [&](int64_t tap, int64_t kernel) { return rotated ? kernel - 1 - tap : tap; };
  /// Copies the input channels of one result channel and tap.
  auto copyTap = [&](int64_t target, int64_t o, int64_t y, int64_t x, int64_t tapY, int64_t tapX) {
    int64_t pack = convChannelPack(weights.type());
    for (int64_t i = 0; i < ic; ++i) {
      int64_t channel = folding.rowsAsChannels ? y * ic + i : i;
      int64_t tap = folding.rowsAsChannels ? x : y * folding.w.kernel + x;
      int64_t to = target * row + (channel / pack * area + tap) * pack + channel % pack;
      int64_t from = ((o * ic + i) * kh + turned(tapY, kh)) * kw + turned(tapX, kw);
      std::memcpy(packed.data<uint8_t>() + to * item, weights.data<uint8_t>() + from * item, static_cast<size_t>(item));
    }
  };
  for (int64_t phase = 0; phase < folding.phases(); ++phase)
    for (int64_t p = 0; p < folding.rows(); ++p)
      for (int64_t y = 0; y < folding.h.kernel; ++y)
        for (int64_t x = 0; x < folding.w.kernel; ++x) {
          int64_t tapY = folding.h.sourceTap(phase / folding.w.phases, p, y);
          int64_t tapX = folding.w.sourceTap(phase % folding.w.phases, 0, x);
          for (int64_t o = 0; tapY >= 0 && tapX >= 0 && o < folding.oc; ++o)
            copyTap(phase * outChannels + p * folding.rowLanes() + o, o, y, x, tapY, tapX);
        }
  return packed;
}

Tensor bm1684x::repeatForRows(const Tensor &values, int64_t words, const ConvFolding &folding) {
  size_t item = byteSize(values.type());
  int64_t channels = folding.outChannels();
  Tensor result(values.type(), {1, words, 1, channels});
  std::memset(result.data<uint8_t>(), 0, result.bytes());
  for (int64_t word = 0; word < words; ++word)
    for (int64_t p = 0; p < folding.rows(); ++p)
      std::memcpy(result.data<uint8_t>() + (word * channels + p * folding.rowLanes()) * item,
                  values.data<uint8_t>() + word * folding.oc * item, static_cast<size_t>(folding.oc) * item);
  return result;
}

int64_t bm1684x::groupsToJoin(const ConvExtents &e, int64_t groups, int64_t kernelArea) {
  int64_t best = 0, count = 1;
  for (int64_t joined = 1; joined <= groups; ++joined) {
    if (groups % joined != 0)
      continue;
    int64_t row = packedConvRow(joined * e.ic, kernelArea, e.type), item = byteSize(e.type);
    int64_t cycles = sumCycles(e, joined * e.ic, joined * e.oc, kernelArea) + weightCycles(joined * e.oc, row, e.type);
    cycles *= groups / joined;
    if (joined < groups) // operand and result pass through memory, where one convolution can keep them
      cycles += groups * e.n * (e.ic * e.ih * e.iw + e.oc * e.oh * e.ow) * item / 50;
    constexpr int64_t mostBytes = 64 << 10; // of a lane's weights
    if (joined > 1 && row * item > mostBytes)
      break;
    if (joined == 1 || cycles < best) {
      best = cycles;
      count = joined;
    }
  }
  return count;
}

Tensor bm1684x::joinGroups(const Tensor &weights, int64_t groups, int64_t count) {
  int64_t oc = weights.dim(0), ic = weights.dim(1), perGroup = oc / groups;
  std::vector<int64_t> shape = weights.shape();
  shape[1] *= count;
  Tensor joined(weights.type(), shape);
  std::memset(joined.data<uint8_t>(), 0, joined.bytes());
  size_t bytes = weights.bytes() / static_cast<size_t>(oc);
  for (int64_t o = 0; o < oc; ++o) {
    size_t place = static_cast<size_t>(o / perGroup % count);
    std::memcpy(joined.data<uint8_t>() + (static_cast<size_t>(o * count) + place) * bytes,
                weights.data<uint8_t>() + static_cast<size_t>(o) * bytes, bytes);
  }
  return joined;
}
