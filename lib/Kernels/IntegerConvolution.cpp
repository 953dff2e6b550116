// Integer convolution as products of bytes. Channels are taken four at a time: the input becomes planes of words (one
// pass), the filter rows of words, and patches of words are packed as those of f32 are. Pointwise convolutions pack the
// input's planes directly. Depthwise convolution runs plane by plane on f32 values, whose sums are exact.
#include "tpu_mlir/Kernels/IntegerConvolution.h"

#include "IntegerGemm.h"
#include "SlidingWindow.h"
#include "tpu_mlir/Support/Parallel.h"

#include <algorithm>
#include <cstring>
#include <vector>

using namespace tpu_mlir;
using namespace tpu_mlir::kernels;

namespace {

// Multiply-adds below which a plane is not worth a thread of its own.
constexpr int64_t planeGrain = 1 << 15;
// Products of bytes that sum up exactly in f32: 2^24 / (255 · 128).
constexpr int64_t exactTaps = 512;
// Bytes that do: 2^24 / 255.
constexpr int64_t exactSums = 65793;

class BytePatches : public QuadSource {
public:
  explicit BytePatches(PatchGeometry geometry) : geometry(geometry) {}
  void pack(int64_t quad, int64_t quads, int64_t column, int64_t columns, int width, uint32_t *to) const override {
    TPU_SIMD_DISPATCH(kernels, packPatches)(geometry, quad, quads, column, columns, width, to);
  }

private:
  PatchGeometry geometry;
};

bool isPointwise(const Window &window) {
  return volume(window.kernel) == 1 && volume(window.stride) == 1 && window.input == window.output &&
         window.padBegin == Axes{0, 0, 0};
}

// The products of one convolution and the packed operands they read.
class IntegerProducts : public IntegerProductList {
public:
  IntegerProducts(const ConvolutionShape &shape, const ByteImage &in, const int8_t *filter,
                  const Requantization &requantization, uint8_t *out, const int32_t *terms)
      : shape(shape), in(in), requantization(requantization), out(out), inputs(shape.inputChannels / shape.groups),
        outputs(shape.outputChannels / shape.groups), channelQuads((inputs + 3) / 4), taps(volume(shape.window.kernel)),
        quads(channelQuads * taps), flip(in.isSigned ? 0x80 : 0) {
    packFilter(filter);
    if (terms)
      rowTerms.assign(terms, terms + shape.outputChannels);
    if (in.isSigned)
      sumFilter(filter);
    if (isPointwise(shape.window)) {
      const int64_t plane = volume(shape.window.input);
      for (int64_t i = 0; i < shape.batch * shape.groups; ++i)
        planes.emplace_back(in.data + i * inputs * plane, inputs, plane, flip);
    } else {
      packInput();
    }
  }

  int64_t depth() const { return quads; }

  IntegerProduct get(int64_t index) const override {
    const int64_t group = index % shape.groups, positions = volume(shape.window.output);
    IntegerProduct product;
    product.a = rows + group * outputs * rowBytes;
    product.aRowBytes = rowBytes;
    product.source = planes.empty() ? static_cast<const QuadSource *>(&patches[index]) : &planes[index];
    product.rowTerm = rowTerms.empty() ? nullptr : rowTerms.data() + group * outputs;
    product.requantization = &requantization;
    product.firstChannel = group * outputs;
    product.c = out + index * outputs * positions * requantization.resultBytes();
    product.cStride = positions;
    return product;
  }

private:
  // Rows of quads: four channels at one tap.
  void packFilter(const int8_t *filter) {
    const uint8_t *bytes = reinterpret_cast<const uint8_t *>(filter);
    if (taps == 1 && inputs % 4 == 0) {
      rows = bytes;
      rowBytes = inputs;
      return;
    }
    static thread_local std::vector<uint32_t> packed; // kept: fresh pages cost more than the packing
    packed.resize(std::max<size_t>(packed.size(), shape.outputChannels * quads));
    uint32_t *const words = packed.data();
    parallelFor(shape.outputChannels, 1 + 4096 / std::max<int64_t>(quads, 1), [&](int64_t begin, int64_t end) {
      for (int64_t row = begin; row < end; ++row)
        TPU_SIMD_DISPATCH(kernels, packFilterRow)
      (bytes + row * inputs * taps, bytes + shape.outputChannels * inputs * taps, inputs, taps, words + row * quads);
    });
    rows = reinterpret_cast<const uint8_t *>(words);
    rowBytes = quads * 4;
  }

  // Flipping the top bit of a signed input adds 128 to it.
  void sumFilter(const int8_t *filter) {
    rowTerms.resize(shape.outputChannels);
    const int64_t length = inputs * taps;
    parallelFor(shape.outputChannels, 1 + 32768 / std::max<int64_t>(length, 1), [&](int64_t begin, int64_t end) {
      for (int64_t row = begin; row < end; ++row)
        rowTerms[row] =
            static_cast<int32_t>(static_cast<uint32_t>(rowTerms[row]) -
                                 128u * static_cast<uint32_t>(TPU_SIMD_DISPATCH(kernels, sumSignedBytes)(
                                            reinterpret_cast<const uint8_t *>(filter) + row * length, length)));
    });
  }

  void packInput() {
    static thread_local std::vector<uint32_t> packed;
    const int64_t plane = volume(shape.window.input), count = shape.batch * shape.groups;
    packed.resize(std::max<size_t>(packed.size(), count * channelQuads * plane));
    uint32_t *const words = packed.data();
    parallelFor(count * channelQuads, 1 + 8192 / std::max<int64_t>(plane, 1), [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        const int64_t index = i / channelQuads, q = i % channelQuads;
        const uint8_t *lines[4];
        for (int64_t j = 0; j < 4; ++j)
          lines[j] = 4 * q + j < inputs ? in.data + (index * inputs + 4 * q + j) * plane : nullptr;
        interleaveQuads(lines, plane, flip, words + i * plane);
      }
    });
    const uint8_t padding = static_cast<uint8_t>(in.padding) ^ flip;
    for (int64_t i = 0; i < count; ++i)
      patches.emplace_back(PatchGeometry{&shape.window, words + i * channelQuads * plane, padding * 0x01010101u});
  }

  const ConvolutionShape &shape;
  const ByteImage &in;
  const Requantization &requantization;
  uint8_t *out;
  const int64_t inputs, outputs, channelQuads, taps, quads;
  const uint8_t flip;
  const uint8_t *rows = nullptr;
  int64_t rowBytes = 0;
  std::vector<int32_t> rowTerms;
  std::vector<RowQuads> planes;
  std::vector<BytePatches> patches;
};

// Work of one thread on planes of sums.
std::vector<float> &sumsBuffer(int64_t size) {
  static thread_local std::vector<float> sums;
  sums.resize(std::max<size_t>(sums.size(), size));
  return sums;
}

void integerDepthwise(const ConvolutionShape &shape, const ByteImage &in, const int8_t *filter,
                      const Requantization &requantization, uint8_t *out, const int32_t *terms) {
  const Window &window = shape.window;
  const int64_t taps = volume(window.kernel), multiplier = shape.outputChannels / shape.groups;
  const int64_t positions = volume(window.output), cost = std::max<int64_t>(1, taps * positions);
  const auto run = [&](int64_t begin, int64_t end) {
    const bool direct = !requantization.isInteger() && !requantization.toReal;
    std::vector<float> &sums = sumsBuffer(direct ? 0 : positions);
    float factors[exactTaps];
    for (int64_t plane = begin; plane < end; ++plane) {
      const int64_t channel = plane % shape.outputChannels;
      std::copy_n(filter + channel * taps, taps, factors);
      const BytePlaneJob job{&window, in.data + plane / multiplier * volume(window.input), in.isSigned, in.padding,
                             terms ? static_cast<float>(terms[channel]) : 0.0f};
      if (direct) {
        TPU_SIMD_DISPATCH(kernels, rescaleBytePlane)
        (job, factors,
         BytePlaneScale{requantization.scale[channel], requantization.offset[channel], requantization.low,
                        requantization.high},
         out + plane * positions);
        continue;
      }
      TPU_SIMD_DISPATCH(kernels, sumBytePlane)(job, factors, sums.data());
      requantize(requantization, channel, sums.data(), out + plane * positions * requantization.resultBytes(),
                 positions);
    }
  };
  parallelFor(shape.batch * shape.outputChannels, std::max<int64_t>(1, planeGrain / cost), run);
}

} // namespace

void kernels::integerConvolution(const ConvolutionShape &shape, const ByteImage &in, const int8_t *filter,
                                 const Requantization &requantization, uint8_t *out, const int32_t *terms) {
  const int64_t taps = volume(shape.window.kernel);
  if (shape.inputChannels == shape.groups && shape.groups > 1 && taps <= exactTaps)
    return integerDepthwise(shape, in, filter, requantization, out, terms);
  const IntegerProducts products(shape, in, filter, requantization, out, terms);
  integerGemm(shape.batch * shape.groups, shape.outputChannels / shape.groups, volume(shape.window.output),
              products.depth(), products);
}

void kernels::integerMaxPooling(int64_t planes, const Window &window, const ByteImage &in, int32_t low, int32_t high,
                                uint8_t *out) {
  const int64_t cost = std::max<int64_t>(1, volume(window.kernel) * volume(window.output));
  parallelFor(planes, std::max<int64_t>(1, 2 * planeGrain / cost), [&](int64_t begin, int64_t end) {
    for (int64_t plane = begin; plane < end; ++plane)
      TPU_SIMD_DISPATCH(kernels, maxBytePlane)
    (BytePlaneJob{&window, in.data + plane * volume(window.input), in.isSigned, 0}, low, high,
     out + plane * volume(window.output));
  });
}

namespace {

// One mean per distinct number of values that count.
struct MeanTable {
  std::vector<int64_t> counts; // per output position
  Requantization forms;        // "channel" = count
  bool uniform = true;

  MeanTable(const Window &window, const Axes &padEnd, bool countPadding, int32_t padding, const IntegerMean &mean) {
    std::vector<int64_t> axes[3];
    for (size_t axis = 0; axis < 3; ++axis)
      axes[axis] = windowDivisors(window, padEnd, countPadding, axis);
    for (int64_t d : axes[0])
      for (int64_t h : axes[1])
        for (int64_t w : axes[2])
          counts.push_back(d * h * w);
    const int64_t taps = volume(window.kernel);
    forms.low = mean.low;
    forms.high = mean.high;
    forms.toReal = mean.toReal;
    forms.realLimits = mean.realLimits;
    for (int64_t count = 0; count <= taps; ++count) {
      const float scale = static_cast<float>(mean.factor / static_cast<double>(std::max<int64_t>(count, 1)));
      forms.scale.push_back(scale);
      forms.offset.push_back(static_cast<float>(mean.zeroPoint - static_cast<double>(padding * taps) * scale));
    }
    for (int64_t count : counts)
      uniform = uniform && count == counts.front();
  }
};

// Sums of windows that f32 may not hold exactly.
void sumLargeWindows(const Window &window, const ByteImage &in, const uint8_t *plane, int32_t *sums) {
  for (int64_t o = 0; o < volume(window.output); ++o) {
    int32_t sum = 0;
    const Axes at{o / (window.output[1] * window.output[2]), o / window.output[2] % window.output[1],
                  o % window.output[2]};
    for (int64_t d = 0; d < window.kernel[0]; ++d)
      for (int64_t h = 0; h < window.kernel[1]; ++h)
        for (int64_t w = 0; w < window.kernel[2]; ++w) {
          const Axes tap{d, h, w};
          int64_t position = 0;
          bool inside = true;
          for (size_t i = 0; i < 3; ++i) {
            const int64_t from = at[i] * window.stride[i] - window.padBegin[i] + tap[i] * window.dilation[i];
            inside = inside && from >= 0 && from < window.input[i];
            position = position * window.input[i] + from;
          }
          sum += !inside ? in.padding : in.isSigned ? static_cast<int8_t>(plane[position]) : plane[position];
        }
    sums[o] = sum;
  }
}

} // namespace

void kernels::integerAveragePooling(int64_t planes, const Window &window, const Axes &padEnd, bool countPadding,
                                    const ByteImage &in, const IntegerMean &mean, uint8_t *out) {
  const MeanTable table(window, padEnd, countPadding, in.padding, mean);
  const bool large = volume(window.kernel) > exactSums;
  const int64_t positions = volume(window.output), cost = std::max<int64_t>(1, volume(window.kernel) * positions);
  parallelFor(planes, std::max<int64_t>(1, planeGrain / cost), [&](int64_t begin, int64_t end) {
    std::vector<float> &sums = sumsBuffer(positions);
    std::vector<int32_t> largeSums(large ? positions : 0);
    for (int64_t plane = begin; plane < end; ++plane) {
      const int64_t bytes = table.forms.resultBytes();
      uint8_t *to = out + plane * positions * bytes;
      const uint8_t *from = in.data + plane * volume(window.input);
      if (large)
        sumLargeWindows(window, in, from, largeSums.data());
      else
        TPU_SIMD_DISPATCH(kernels, sumBytePlane)
      (BytePlaneJob{&window, from, in.isSigned, in.padding}, nullptr, sums.data());
      // Runs of equal counts at once.
      for (int64_t i = 0, next; i < positions; i = next) {
        for (next = i + 1; next < positions && (table.uniform || table.counts[next] == table.counts[i]);)
          next = table.uniform ? positions : next + 1;
        if (large)
          requantize(table.forms, table.counts[i], largeSums.data() + i, to + i * bytes, next - i);
        else
          requantize(table.forms, table.counts[i], sums.data() + i, to + i * bytes, next - i);
      }
    }
  });
}
