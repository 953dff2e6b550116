// Slow, obvious versions of the kernels, accumulated in double; the tests compare with these.
#pragma once
#include "tpu_mlir/Kernels/Convolution.h"

#include "gtest/gtest.h"

#include <cmath>
#include <functional>
#include <random>
#include <vector>

namespace reference {

using tpu_mlir::kernels::Axes;
using tpu_mlir::kernels::ConvolutionShape;
using tpu_mlir::kernels::volume;
using tpu_mlir::kernels::Window;

inline std::vector<float> randomValues(int64_t count, unsigned seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<float> uniform(-1, 1);
  std::vector<float> values(count);
  for (float &value : values)
    value = uniform(random);
  return values;
}

inline Axes unflatten(int64_t index, const Axes &extent) {
  return {index / (extent[1] * extent[2]), index / extent[2] % extent[1], index % extent[2]};
}

/// Input position read at output position `o` and tap `t`, or -1 in the padding.
inline int64_t inputIndex(const Window &w, int64_t o, int64_t t) {
  const Axes out = unflatten(o, w.output), tap = unflatten(t, w.kernel);
  int64_t index = 0;
  for (int i = 0; i < 3; ++i) {
    const int64_t at = out[i] * w.stride[i] - w.padBegin[i] + tap[i] * w.dilation[i];
    if (at < 0 || at >= w.input[i])
      return -1;
    index = index * w.input[i] + at;
  }
  return index;
}

inline std::vector<double> convolution(const ConvolutionShape &s, const std::vector<float> &in,
                                       const std::vector<float> &filter, const std::vector<float> &bias) {
  const int64_t positions = volume(s.window.output), taps = volume(s.window.kernel), plane = volume(s.window.input);
  const int64_t perGroup = s.inputChannels / s.groups, outPerGroup = s.outputChannels / s.groups;
  std::vector<double> out;
  for (int64_t n = 0; n < s.batch; ++n)
    for (int64_t oc = 0; oc < s.outputChannels; ++oc)
      for (int64_t o = 0; o < positions; ++o) {
        double sum = bias.empty() ? 0 : bias[oc];
        for (int64_t i = 0; i < perGroup; ++i)
          for (int64_t t = 0; t < taps; ++t) {
            const int64_t at = inputIndex(s.window, o, t);
            if (at >= 0)
              sum += double(in[(n * s.inputChannels + oc / outPerGroup * perGroup + i) * plane + at]) *
                     filter[(oc * perGroup + i) * taps + t];
          }
        out.push_back(sum);
      }
  return out;
}

/// By scattering: o = i · stride − padBegin + tap · dilation.
inline std::vector<double> transposedConvolution(const ConvolutionShape &s, const std::vector<float> &in,
                                                 const std::vector<float> &filter, const std::vector<float> &bias) {
  const Window &w = s.window;
  const int64_t positions = volume(w.output), taps = volume(w.kernel), plane = volume(w.input);
  const int64_t perGroup = s.inputChannels / s.groups, outPerGroup = s.outputChannels / s.groups;
  std::vector<double> out(s.batch * s.outputChannels * positions);
  for (int64_t n = 0; n < s.batch; ++n)
    for (int64_t oc = 0; oc < s.outputChannels; ++oc) {
      double *to = &out[(n * s.outputChannels + oc) * positions];
      for (int64_t o = 0; o < positions; ++o)
        to[o] = bias.empty() ? 0 : bias[oc];
      const int64_t group = oc / outPerGroup;
      for (int64_t ic = group * perGroup; ic < (group + 1) * perGroup; ++ic)
        for (int64_t i = 0; i < plane; ++i)
          for (int64_t t = 0; t < taps; ++t) {
            const Axes from = unflatten(i, w.input), tap = unflatten(t, w.kernel);
            int64_t index = 0;
            bool inside = true;
            for (int a = 0; a < 3; ++a) {
              const int64_t at = from[a] * w.stride[a] - w.padBegin[a] + tap[a] * w.dilation[a];
              inside = inside && at >= 0 && at < w.output[a];
              index = index * w.output[a] + at;
            }
            if (inside)
              to[index] += double(in[(n * s.inputChannels + ic) * plane + i]) *
                           filter[(oc % outPerGroup * s.inputChannels + ic) * taps + t];
          }
    }
  return out;
}

inline void expectNear(const std::vector<float> &is, const std::vector<double> &wanted, double tolerance,
                       const std::string &what) {
  ASSERT_EQ(is.size(), wanted.size()) << what;
  for (size_t i = 0; i < is.size(); ++i)
    ASSERT_NEAR(is[i], wanted[i], tolerance) << what << " at " << i;
}

} // namespace reference
