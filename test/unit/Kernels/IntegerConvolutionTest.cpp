// Integer convolution and pooling against plain loops, for odd shapes, signs, padding values and both requantizations.
#include "IntegerReference.h"

using namespace tpu_mlir::kernels;
using reference::randomBytes;

namespace {

Window window(Axes input, Axes kernel, Axes stride, Axes dilation, Axes pad) {
  Window w{input, {}, kernel, stride, dilation, pad};
  for (int i = 0; i < 3; ++i)
    w.output[i] = (input[i] + 2 * pad[i] - dilation[i] * (kernel[i] - 1) - 1) / stride[i] + 1;
  return w;
}

void expectEqualBytes(const std::vector<uint8_t> &is, const std::vector<uint8_t> &wanted, const std::string &what) {
  ASSERT_EQ(is.size(), wanted.size()) << what;
  for (size_t i = 0; i < is.size(); ++i)
    ASSERT_EQ(int(is[i]), int(wanted[i])) << what << " at " << i;
}

void checkConvolution(const ConvolutionShape &shape, const std::string &what) {
  const int64_t taps = volume(shape.window.kernel), perGroup = shape.inputChannels / shape.groups;
  const std::vector<uint8_t> in = randomBytes(shape.batch * shape.inputChannels * volume(shape.window.input), 1);
  const std::vector<uint8_t> filterBytes = randomBytes(shape.outputChannels * perGroup * taps, 2);
  const auto *filter = reinterpret_cast<const int8_t *>(filterBytes.data());
  unsigned seed = 3;
  for (bool isSigned : {false, true})
    for (bool outSigned : {false, true}) {
      const ByteImage image{in.data(), isSigned, isSigned ? -77 : 13};
      std::vector<Requantization> forms{
          reference::scaleForm(shape.outputChannels, perGroup * taps, outSigned, outSigned ? -5 : 0, ++seed)};
      for (RoundMode mode : {RoundMode::HalfUp, RoundMode::HalfAway, RoundMode::HalfEven})
        forms.push_back(reference::shiftForm(shape.outputChannels, outSigned, outSigned ? 9 : 3, mode, ++seed));
      for (const Requantization &form : forms) {
        std::vector<uint8_t> out(shape.batch * shape.outputChannels * volume(shape.window.output));
        integerConvolution(shape, image, filter, form, out.data());
        expectEqualBytes(out, reference::integerConvolution(shape, image, filter, form),
                         what + (isSigned ? " i8" : " u8") + (form.isInteger() ? " shift" : " scale"));
      }
    }
}

} // namespace

TEST(IntegerConvolution, Pointwise) {
  checkConvolution({1, 64, 40, 1, window({1, 7, 9}, {1, 1, 1}, {1, 1, 1}, {1, 1, 1}, {0, 0, 0})}, "1x1");
  checkConvolution({2, 7, 5, 1, window({1, 13, 17}, {1, 1, 1}, {1, 1, 1}, {1, 1, 1}, {0, 0, 0})}, "1x1 odd channels");
  checkConvolution({1, 130, 9, 1, window({1, 1, 1}, {1, 1, 1}, {1, 1, 1}, {1, 1, 1}, {0, 0, 0})}, "1x1 of one pixel");
}

TEST(IntegerConvolution, Windows) {
  checkConvolution({1, 3, 17, 1, window({1, 21, 23}, {1, 7, 7}, {1, 2, 2}, {1, 1, 1}, {0, 3, 3})}, "first layer");
  checkConvolution({2, 16, 24, 1, window({1, 9, 11}, {1, 3, 3}, {1, 1, 1}, {1, 1, 1}, {0, 1, 1})}, "3x3");
  checkConvolution({1, 5, 6, 1, window({1, 12, 10}, {1, 3, 2}, {1, 3, 1}, {1, 2, 3}, {0, 2, 1})}, "dilated");
  checkConvolution({1, 6, 4, 1, window({1, 8, 8}, {1, 1, 1}, {1, 2, 2}, {1, 1, 1}, {0, 0, 0})}, "1x1 strided");
  checkConvolution({1, 4, 4, 1, window({5, 6, 7}, {3, 2, 3}, {2, 1, 2}, {1, 1, 1}, {1, 0, 1})}, "three axes");
}

TEST(IntegerConvolution, GroupsAndDepthwise) {
  checkConvolution({2, 12, 18, 3, window({1, 7, 6}, {1, 3, 3}, {1, 1, 1}, {1, 1, 1}, {0, 1, 1})}, "groups");
  checkConvolution({1, 10, 10, 10, window({1, 15, 14}, {1, 3, 3}, {1, 2, 2}, {1, 1, 1}, {0, 1, 1})}, "depthwise");
  checkConvolution({1, 4, 8, 4, window({1, 9, 9}, {1, 5, 5}, {1, 1, 1}, {1, 1, 1}, {0, 2, 2})}, "two per channel");
  checkConvolution({1, 2, 2, 2, window({1, 30, 30}, {1, 24, 24}, {1, 3, 3}, {1, 1, 1}, {0, 0, 0})}, "large depthwise");
}

TEST(IntegerConvolution, WithoutValues) {
  Requantization form = reference::scaleForm(4, 1, true, 3, 1);
  const uint8_t in[4] = {1, 2, 3, 4};
  const int8_t filter[4] = {1, 1, 1, 1};
  uint8_t out[4] = {9, 9, 9, 9};
  integerConvolution({0, 1, 4, 1, window({1, 2, 2}, {1, 1, 1}, {1, 1, 1}, {1, 1, 1}, {0, 0, 0})}, {in, true}, filter,
                     form, out);
  Window nothing = window({1, 1, 1}, {1, 1, 1}, {1, 1, 1}, {1, 1, 1}, {0, 0, 1});
  nothing.input[2] = 0; // padding only
  nothing.output[2] = 1;
  EXPECT_EQ(out[0], 9);
  integerConvolution({1, 1, 4, 1, nothing}, {in, true, 5}, filter, form, out);
  for (int64_t c = 0; c < 4; ++c)
    EXPECT_EQ(out[c], reference::requantized(form, c, 5));
}

// 4096 products of −128 · 255 and of −128 · −128: sums that f32 cannot hold, and the largest that 16-bit steps see.
TEST(IntegerConvolution, HugeSums) {
  const ConvolutionShape shape{1, 4096, 9, 1, window({1, 1, 3}, {1, 1, 1}, {1, 1, 1}, {1, 1, 1}, {0, 0, 0})};
  const std::vector<int8_t> filter(9 * 4096, -128);
  for (bool isSigned : {false, true}) {
    const std::vector<uint8_t> in(3 * 4096, isSigned ? 0x80 : 0xff);
    Requantization form;
    for (int c = 0; c < 9; ++c) {
      form.scale.push_back(std::exp2(-20.0f) * static_cast<float>(c + 1));
      form.offset.push_back(0.25f * static_cast<float>(c));
    }
    const ByteImage image{in.data(), isSigned, 0};
    std::vector<uint8_t> out(27);
    integerConvolution(shape, image, filter.data(), form, out.data());
    expectEqualBytes(out, reference::integerConvolution(shape, image, filter.data(), form), "huge");
  }
}

TEST(IntegerPooling, Maximum) {
  const Window w = window({1, 11, 13}, {1, 3, 2}, {1, 2, 2}, {1, 1, 1}, {0, 1, 1});
  const std::vector<uint8_t> in = randomBytes(3 * volume(w.input), 5);
  for (bool isSigned : {false, true}) {
    const ByteImage image{in.data(), isSigned, 0};
    const int32_t low = isSigned ? -100 : 0, high = isSigned ? 120 : 250;
    std::vector<uint8_t> out(3 * volume(w.output)), wanted;
    integerMaxPooling(3, w, image, low, high, out.data());
    for (int64_t plane = 0; plane < 3; ++plane)
      for (int64_t o = 0; o < volume(w.output); ++o) {
        int64_t best = low;
        for (int64_t t = 0; t < volume(w.kernel); ++t)
          if (const int64_t at = reference::inputIndex(w, o, t); at >= 0)
            best = std::max(best, reference::valueOf(image, plane * volume(w.input) + at));
        wanted.push_back(static_cast<uint8_t>(std::min<int64_t>(best, high)));
      }
    expectEqualBytes(out, wanted, isSigned ? "signed maximum" : "unsigned maximum");
  }
}

namespace {

void checkMean(const Window &w, bool countPadding, bool isSigned) {
  const std::vector<uint8_t> in = randomBytes(2 * volume(w.input), 6);
  const int32_t zero = isSigned ? -30 : 7;
  const ByteImage image{in.data(), isSigned, zero};
  const IntegerMean mean{0.731, -11, -128, 127};
  std::vector<uint8_t> out(2 * volume(w.output)), wanted;
  integerAveragePooling(2, w, w.padBegin, countPadding, image, mean, out.data());
  for (int64_t plane = 0; plane < 2; ++plane)
    for (int64_t o = 0; o < volume(w.output); ++o) {
      int64_t sum = 0, inside = 0;
      for (int64_t t = 0; t < volume(w.kernel); ++t) {
        const int64_t at = reference::inputIndex(w, o, t);
        inside += at >= 0;
        sum += at >= 0 ? reference::valueOf(image, plane * volume(w.input) + at) : zero;
      }
      const int64_t count = countPadding ? volume(w.kernel) : inside;
      Requantization form;
      form.scale = {static_cast<float>(mean.factor / static_cast<double>(count))};
      form.offset = {static_cast<float>(mean.zeroPoint - static_cast<double>(zero * volume(w.kernel)) *
                                                             static_cast<double>(form.scale[0]))};
      wanted.push_back(reference::requantized(form, 0, sum));
    }
  expectEqualBytes(out, wanted, countPadding ? "mean with padding" : "mean");
}

} // namespace

TEST(IntegerPooling, Mean) {
  for (bool countPadding : {false, true})
    for (bool isSigned : {false, true}) {
      checkMean(window({1, 9, 10}, {1, 3, 3}, {1, 1, 1}, {1, 1, 1}, {0, 1, 1}), countPadding, isSigned);
      checkMean(window({1, 7, 7}, {1, 7, 7}, {1, 1, 1}, {1, 1, 1}, {0, 0, 0}), countPadding, isSigned);
      checkMean(window({1, 270, 260}, {1, 270, 260}, {1, 1, 1}, {1, 1, 1}, {0, 0, 0}), countPadding, isSigned);
    }
}

namespace {

// By scattering: every output starts with what the padding would give everywhere.
void checkTransposed(const ConvolutionShape &s, const std::string &what) {
  const Window &w = s.window;
  const int64_t taps = volume(w.kernel), plane = volume(w.input), positions = volume(w.output);
  const int64_t perGroup = s.inputChannels / s.groups, outPerGroup = s.outputChannels / s.groups;
  const std::vector<uint8_t> in = randomBytes(s.batch * s.inputChannels * plane, 1);
  const std::vector<uint8_t> filterBytes = randomBytes(outPerGroup * s.inputChannels * taps, 2);
  const auto *filter = reinterpret_cast<const int8_t *>(filterBytes.data());
  for (bool isSigned : {false, true})
    for (const Requantization &form : {reference::scaleForm(s.outputChannels, perGroup * taps, true, 3, 4),
                                       reference::shiftForm(s.outputChannels, false, 5, RoundMode::HalfUp, 6)}) {
      const ByteImage image{in.data(), isSigned, isSigned ? -50 : 100};
      std::vector<uint8_t> out(s.batch * s.outputChannels * positions), wanted;
      integerTransposedConvolution(s, image, filter, form, out.data());
      for (int64_t n = 0; n < s.batch; ++n)
        for (int64_t oc = 0; oc < s.outputChannels; ++oc) {
          std::vector<int64_t> sums(positions, 0);
          for (int64_t i = oc / outPerGroup * perGroup; i < (oc / outPerGroup + 1) * perGroup; ++i)
            for (int64_t t = 0; t < taps; ++t) {
              const int64_t weight = filter[(oc % outPerGroup * s.inputChannels + i) * taps + t];
              for (int64_t &sum : sums)
                sum += image.padding * weight;
              for (int64_t p = 0; p < plane; ++p) {
                const Axes from = reference::unflatten(p, w.input), tap = reference::unflatten(t, w.kernel);
                int64_t index = 0;
                bool inside = true;
                for (int a = 0; a < 3; ++a) {
                  const int64_t at = from[a] * w.stride[a] - w.padBegin[a] + tap[a] * w.dilation[a];
                  inside = inside && at >= 0 && at < w.output[a];
                  index = index * w.output[a] + at;
                }
                if (inside)
                  sums[index] +=
                      (reference::valueOf(image, (n * s.inputChannels + i) * plane + p) - image.padding) * weight;
              }
            }
          for (int64_t sum : sums)
            wanted.push_back(reference::requantized(form, oc, sum));
        }
      expectEqualBytes(out, wanted, what);
    }
}

} // namespace

TEST(IntegerConvolution, Transposed) {
  // Output extents as given: they include output padding.
  checkTransposed({2, 5, 6, 1, {{1, 4, 5}, {1, 8, 10}, {1, 2, 2}, {1, 2, 2}, {1, 1, 1}, {0, 0, 0}}}, "2x2 stride 2");
  checkTransposed({1, 4, 6, 2, {{1, 4, 5}, {1, 8, 10}, {1, 3, 3}, {1, 2, 2}, {1, 1, 1}, {0, 1, 1}}}, "3x3 stride 2");
  checkTransposed({1, 3, 3, 3, {{1, 5, 4}, {1, 9, 7}, {1, 3, 3}, {1, 2, 2}, {1, 1, 1}, {0, 1, 1}}}, "depthwise");
  checkTransposed({1, 3, 2, 1, {{1, 5, 6}, {1, 7, 8}, {1, 3, 3}, {1, 1, 1}, {1, 1, 1}, {0, 0, 0}}}, "stride 1");
  checkTransposed({1, 2, 3, 1, {{1, 3, 4}, {1, 11, 16}, {1, 2, 3}, {1, 4, 3}, {1, 2, 3}, {0, 0, 0}}}, "gaps, dilation");
  checkTransposed({1, 2, 3, 1, {{2, 3, 4}, {3, 4, 6}, {2, 3, 2}, {2, 2, 2}, {1, 1, 1}, {1, 2, 1}}}, "three axes");
}
