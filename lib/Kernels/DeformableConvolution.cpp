// Deformable convolution as matrix products: the displaced taps of a block of positions are gathered to columns, which
// the filter then multiplies.
#include "tpu_mlir/Kernels/Sampling.h"
#include "tpu_mlir/Support/Parallel.h"

#include <algorithm>
#include <cmath>
#include <vector>

using namespace tpu_mlir;
using namespace tpu_mlir::kernels;

namespace {

// Values of the gathered columns that are kept at a time.
constexpr int64_t columnValues = 1 << 21;

// The four neighbours of a displaced tap: offsets into a plane and weights, 0 outside.
struct Corners {
  int64_t offsets[4];
  float weights[4];
};

Corners cornersOf(float y, float x, int64_t height, int64_t width, float scale) {
  Corners corners{};
  // Also false for what is no number.
  if (!(y > -1 && x > -1 && y < static_cast<float>(height) && x < static_cast<float>(width)))
    return corners;
  const float top = std::floor(y), left = std::floor(x), down = y - top, right = x - left;
  const auto row = static_cast<int64_t>(top), column = static_cast<int64_t>(left);
  const float weights[4] = {(1 - down) * (1 - right), (1 - down) * right, down * (1 - right), down * right};
  for (int i = 0; i < 4; ++i) {
    const int64_t r = row + i / 2, c = column + i % 2;
    if (r < 0 || c < 0 || r >= height || c >= width)
      continue;
    corners.offsets[i] = r * width + c;
    corners.weights[i] = weights[i] * scale;
  }
  return corners;
}

class Columns {
public:
  Columns(const DeformableConvolution &convolution, const float *in, const float *offset, const float *mask)
      : convolution(convolution), in(in), offset(offset), mask(mask) {}

  // Rows (channel, tap) of positions [first, first + count), `count` values each.
  void gather(int64_t batch, int64_t first, int64_t count, float *to) const {
    const ConvolutionShape &shape = convolution.shape;
    const int64_t taps = volume(shape.window.kernel);
    const int64_t channels = shape.inputChannels / convolution.deformGroups, plane = volume(shape.window.input);
    parallelFor(convolution.deformGroups * taps, 1, [&](int64_t begin, int64_t end) {
      std::vector<Corners> table(count);
      for (int64_t i = begin; i < end; ++i) {
        const int64_t group = i / taps, tap = i % taps;
        locate(batch, group, tap, first, table);
        for (int64_t c = group * channels; c < (group + 1) * channels; ++c) {
          const float *from = in + (batch * shape.inputChannels + c) * plane;
          float *row = to + (c * taps + tap) * count;
          for (int64_t p = 0; p < count; ++p) {
            const Corners &corners = table[p];
            float sum = 0;
            for (int k = 0; k < 4; ++k)
              sum += corners.weights[k] == 0 ? 0.0f : from[corners.offsets[k]] * corners.weights[k];
            row[p] = sum;
          }
        }
      }
    });
  }

private:
  void locate(int64_t batch, int64_t group, int64_t tap, int64_t first, std::vector<Corners> &table) const {
    const Window &window = convolution.shape.window;
    const int64_t taps = volume(window.kernel), positions = volume(window.output);
    const int64_t index = (batch * convolution.deformGroups + group) * taps + tap;
    const float *down = offset + 2 * index * positions, *right = down + positions;
    const float *scale = mask ? mask + index * positions : nullptr;
    for (size_t i = 0; i < table.size(); ++i) {
      const int64_t p = first + static_cast<int64_t>(i);
      const int64_t row =
          p / window.output[2] * window.stride[1] - window.padBegin[1] + tap / window.kernel[2] * window.dilation[1];
      const int64_t column =
          p % window.output[2] * window.stride[2] - window.padBegin[2] + tap % window.kernel[2] * window.dilation[2];
      table[i] = cornersOf(static_cast<float>(row) + down[p], static_cast<float>(column) + right[p], window.input[1],
                           window.input[2], scale ? scale[p] : 1.0f);
    }
  }

  const DeformableConvolution &convolution;
  const float *in, *offset, *mask;
};

// Filter times columns, group by group.
class GroupProducts : public ProductList {
public:
  GroupProducts(const ConvolutionShape &shape, const float *filter, const float *columns, const float *bias, float *out,
                int64_t count, const Limits &limits)
      : shape(shape), filter(filter), columns(columns), bias(bias), out(out), count(count), limits(limits) {}
  Product get(int64_t group) const override {
    const int64_t outputs = shape.outputChannels / shape.groups, positions = volume(shape.window.output);
    const int64_t depth = shape.inputChannels / shape.groups * volume(shape.window.kernel);
    Product product;
    product.a = {filter + group * outputs * depth, depth, 1};
    product.b = {columns + group * depth * count, count, 1};
    product.c = out + group * outputs * positions;
    product.cStride = positions;
    product.epilogue = {bias ? bias + group * outputs : nullptr, nullptr, limits.low, limits.high};
    return product;
  }

private:
  const ConvolutionShape &shape;
  const float *filter, *columns, *bias;
  float *out;
  int64_t count;
  Limits limits;
};

} // namespace

void kernels::deformableConvolution(const DeformableConvolution &convolution, const float *in, const float *filter,
                                    const float *offset, const float *mask, const float *bias, float *out,
                                    const Limits &limits) {
  const ConvolutionShape &shape = convolution.shape;
  const int64_t positions = volume(shape.window.output), depth = shape.inputChannels * volume(shape.window.kernel);
  const int64_t block =
      std::clamp<int64_t>(columnValues / std::max<int64_t>(1, depth), 64, std::max<int64_t>(64, positions));
  const Columns columns(convolution, in, offset, mask);
  std::vector<float> gathered(depth * std::min(block, positions));
  for (int64_t batch = 0; batch < shape.batch; ++batch)
    for (int64_t first = 0; first < positions; first += block) {
      const int64_t count = std::min(block, positions - first);
      columns.gather(batch, first, count, gathered.data());
      gemm(shape.groups, shape.outputChannels / shape.groups, count, depth / shape.groups,
           GroupProducts(shape, filter, gathered.data(), bias, out + batch * shape.outputChannels * positions + first,
                         count, limits));
    }
}
