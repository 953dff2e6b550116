// Inner loops of convolution and pooling: packing patches for the matrix product, and planes that are convolved or
// pooled directly. A plane is first copied with its padding, columns sorted by their remainder modulo the stride, so
// that the values which neighbouring outputs read at one tap lie side by side.
#include "SlidingWindow.h"
#include "ByteVector.h"

#include <algorithm>
#include <type_traits>
#include <vector>

namespace tpu_mlir::kernels::TPU_SIMD_NAMESPACE {

namespace {

using namespace tpu_mlir::TPU_SIMD_NAMESPACE;

int64_t ceilDiv(int64_t a, int64_t b) { return a >= 0 ? (a + b - 1) / b : -(-a / b); }

/// Any 32-bit element, moved only.
using Word = uint32_t;

template <typename T> inline void copyWords(T *to, const T *from, int64_t count) {
#if TPU_SIMD_LEVEL == 2
  for (; count >= 16; count -= 16, to += 16, from += 16)
    _mm512_storeu_si512(to, _mm512_loadu_si512(from));
  const __mmask16 mask = (__mmask16)((1u << count) - 1);
  _mm512_mask_storeu_epi32(to, mask, _mm512_maskz_loadu_epi32(mask, from));
#else
  std::memcpy(to, from, count * sizeof(T));
#endif
}
inline void copy(float *to, const float *from, int64_t count) { copyWords(to, from, count); }
inline void copy(Word *to, const Word *from, int64_t count) { copyWords(to, from, count); }
inline void copy(uint8_t *to, const uint8_t *from, int64_t count) { std::memcpy(to, from, count); }
// Bytes become f32.
template <typename Byte> inline void copy(float *to, const Byte *from, int64_t count) {
  int64_t i = 0;
  for (; i + lanesPerVector <= count; i += lanesPerVector)
    storeVector(to + i, toFloat(widenBytes(reinterpret_cast<const uint8_t *>(from + i), std::is_signed_v<Byte>)));
#if TPU_SIMD_LEVEL == 2
  const __mmask16 mask = (__mmask16)((1u << (count - i)) - 1);
  const __m128i bytes = _mm_maskz_loadu_epi8(mask, from + i);
  _mm512_mask_storeu_ps(
      to + i, mask,
      (__m512)toFloat((IntVector)(std::is_signed_v<Byte> ? _mm512_maskz_cvtepi8_epi32(0xFFFF, bytes)
                                                         : _mm512_maskz_cvtepu8_epi32(0xFFFF, bytes))));
#else
  for (; i < count; ++i)
    to[i] = from[i];
#endif
}

// Every `stride`th value.
template <typename T, typename In> inline void copyStrided(T *to, const In *from, int64_t stride, int64_t count) {
  int64_t i = 0;
#if TPU_SIMD_LEVEL == 2
  if constexpr (std::is_same_v<T, float> && sizeof(In) == 1)
    if (stride == 2) // pairs of bytes, of which the first ones count; the last pair may lack its second
      for (; i + 16 < count; i += 16) {
        const __m256i pairs = _mm256_loadu_si256(reinterpret_cast<const __m256i *>(from + 2 * i));
        const __m256i firsts = std::is_signed_v<In> ? _mm256_srai_epi16(_mm256_slli_epi16(pairs, 8), 8)
                                                    : _mm256_and_si256(pairs, _mm256_set1_epi16(0xFF));
        storeVector(to + i, toFloat((IntVector)_mm512_maskz_cvtepi16_epi32(0xFFFF, firsts)));
      }
#endif
  for (; i < count; ++i)
    to[i] = from[i * stride];
}

template <typename T> inline void fill(T *to, T value, int64_t count) {
  for (int64_t i = 0; i < count; ++i)
    to[i] = value;
}

// `count` values `stride` apart, starting `at` columns from the beginning of a line of `extent`; outside of it
// `padding`.
template <typename T, typename In>
inline void copyLine(T *to, const In *line, int64_t extent, int64_t at, int64_t stride, int64_t count, T padding) {
  const int64_t first = std::clamp<int64_t>(ceilDiv(-at, stride), 0, count);
  const int64_t last = std::clamp<int64_t>(ceilDiv(extent - at, stride), first, count);
  fill(to, padding, first);
  const In *from = line + at + first * stride;
  if (stride == 1)
    copy(to + first, from, last - first);
  else
    copyStrided(to + first, from, stride, last - first);
  fill(to + last, padding, count - last);
}

// Consecutive output positions of one output line that go to one panel.
struct Segment {
  int64_t to, depth, height, width, count;
};

void findSegments(const Window &window, int64_t rows, int64_t column, int64_t columns, int64_t width,
                  std::vector<Segment> &segments) {
  segments.clear();
  const Axes &out = window.output;
  for (int64_t c = 0, next; c < columns; c = next) {
    const int64_t position = column + c, inLine = position % out[2];
    next = std::min({columns, c + out[2] - inLine, (c / width + 1) * width});
    segments.push_back({c / width * width * rows + c % width, position / (out[1] * out[2]), position / out[2] % out[1],
                        inLine, next - c});
  }
}

} // namespace

void packPatches(const PatchGeometry &geometry, int64_t row, int64_t rows, int64_t column, int64_t columns, int width,
                 void *panels) {
  const Window &window = *geometry.window;
  const Word padding = geometry.padding;
  Word *to = static_cast<Word *>(panels);
  static thread_local std::vector<Segment> segments;
  findSegments(window, rows, column, columns, width, segments);
  const int64_t taps = volume(window.kernel), tail = columns % width;
  for (int64_t r = row; r < row + rows; ++r, to += width) {
    const int64_t tap = r % taps;
    const Axes at{tap / (window.kernel[1] * window.kernel[2]), tap / window.kernel[2] % window.kernel[1],
                  tap % window.kernel[2]};
    Axes origin;
    for (size_t i = 0; i < 3; ++i)
      origin[i] = at[i] * window.dilation[i] - window.padBegin[i];
    const Word *channel = static_cast<const Word *>(geometry.in) + r / taps * volume(window.input);
    for (const Segment &segment : segments) {
      const int64_t depth = origin[0] + segment.depth * window.stride[0];
      const int64_t height = origin[1] + segment.height * window.stride[1];
      if (depth < 0 || depth >= window.input[0] || height < 0 || height >= window.input[1])
        fill(to + segment.to, padding, segment.count);
      else
        copyLine(to + segment.to, channel + (depth * window.input[1] + height) * window.input[2], window.input[2],
                 origin[2] + segment.width * window.stride[2], window.stride[2], segment.count, padding);
    }
    if (tail)
      fill(to + columns / width * width * rows + tail, padding, width - tail);
  }
}

namespace {

// A plane with padding, its columns sorted by remainder, and the offset of every tap in it.
template <typename T> struct PaddedPlane {
  static constexpr int64_t slack = 4 * lanesPerVector / sizeof(T); // what a vector may read beyond the end
  std::vector<T> values;
  std::vector<int64_t> taps;
  int64_t heightStride = 0, depthStride = 0; // from one output line or slice to the next

  template <typename In> void build(const Window &window, const In *in, T padding) {
    const int64_t stride = window.stride[2];
    Axes extent; // positions that any window reads
    for (size_t i = 0; i < 3; ++i)
      extent[i] = (window.output[i] - 1) * window.stride[i] + (window.kernel[i] - 1) * window.dilation[i] + 1;
    const int64_t perPhase = (extent[2] + stride - 1) / stride, line = perPhase * stride;
    values.resize(std::max<size_t>(values.size(), extent[0] * extent[1] * line + slack));
    T *to = values.data();
    for (int64_t d = 0; d < extent[0]; ++d)
      for (int64_t h = 0; h < extent[1]; ++h) {
        const int64_t depth = d - window.padBegin[0], height = h - window.padBegin[1];
        const bool inside = depth >= 0 && depth < window.input[0] && height >= 0 && height < window.input[1];
        for (int64_t phase = 0; phase < stride; ++phase, to += perPhase) {
          if (inside)
            copyLine(to, in + (depth * window.input[1] + height) * window.input[2], window.input[2],
                     phase - window.padBegin[2], stride, perPhase, padding);
          else
            fill(to, padding, perPhase);
        }
      }
    fill(to, padding, slack);
    taps.clear();
    for (int64_t d = 0; d < window.kernel[0]; ++d)
      for (int64_t h = 0; h < window.kernel[1]; ++h)
        for (int64_t w = 0; w < window.kernel[2]; ++w) {
          const int64_t column = w * window.dilation[2];
          taps.push_back((d * window.dilation[0] * extent[1] + h * window.dilation[1]) * line +
                         column % stride * perPhase + column / stride);
        }
    heightStride = window.stride[1] * line;
    depthStride = window.stride[0] * extent[1] * line;
  }
};

inline FloatVector limit(FloatVector value, const Limits &limits) {
  const FloatVector low = splat(limits.low), high = splat(limits.high);
  value = value < low ? low : value;
  return value > high ? high : value;
}

// For every output: combine(value, plane value, tap index) for all taps, from `initial`, then store(position, values,
// how many of them count).
template <typename In, typename Combine, typename Store>
void forOutputs(const Window &window, const In *in, float padding, float initial, Combine combine, Store store) {
  static thread_local PaddedPlane<float> plane; // kept: fresh pages cost more than the work on a small plane
  plane.build(window, in, padding);
  const int64_t *taps = plane.taps.data(), count = static_cast<int64_t>(plane.taps.size());
  int64_t position = 0;
  for (int64_t d = 0; d < window.output[0]; ++d)
    for (int64_t h = 0; h < window.output[1]; ++h, position += window.output[2]) {
      const float *line = plane.values.data() + d * plane.depthStride + h * plane.heightStride;
      for (int64_t w = 0; w < window.output[2]; w += lanesPerVector) {
        FloatVector value = splat(initial);
        for (int64_t tap = 0; tap < count; ++tap)
          value = combine(value, loadVector<FloatVector>(line + w + taps[tap]), tap);
        store(position + w, value, window.output[2] - w);
      }
    }
}

inline void storeSome(float *to, FloatVector value, int64_t count) {
  if (count >= lanesPerVector)
    storeVector(to, value);
  else
    std::memcpy(to, &value, count * sizeof(float));
}

template <typename Combine> void runPlane(const PlaneJob &job, float padding, Combine combine) {
  forOutputs(*job.window, job.in, padding, job.initial, combine, [&](int64_t at, FloatVector value, int64_t count) {
    storeSome(job.out + at, limit(value, job.limits), count);
  });
}

inline FloatVector multiplyAdd(FloatVector a, FloatVector b, FloatVector c) {
#if TPU_SIMD_LEVEL == 2
  return (FloatVector)_mm512_fmadd_ps((__m512)a, (__m512)b, (__m512)c);
#elif TPU_SIMD_LEVEL == 1
  return (FloatVector)_mm256_fmadd_ps((__m256)a, (__m256)b, (__m256)c);
#else
  return a * b + c;
#endif
}

} // namespace

void convolvePlane(const PlaneJob &job) {
  runPlane(job, 0, [&](FloatVector sum, FloatVector value, int64_t tap) {
    return multiplyAdd(splat(job.filter[tap]), value, sum);
  });
}

void poolPlane(Pooling pooling, const PlaneJob &job) {
  if (pooling == Pooling::Max)
    runPlane(job, -std::numeric_limits<float>::infinity(),
             [](FloatVector best, FloatVector value, int64_t) { return value > best ? value : best; });
  else
    runPlane(job, 0, [](FloatVector sum, FloatVector value, int64_t) { return sum + value; });
}

namespace {

template <typename Store> void sumBytes(const BytePlaneJob &job, const float *filter, Store store) {
  const float padding = static_cast<float>(job.padding);
  const auto run = [&](const auto *in) {
    if (filter)
      forOutputs(
          *job.window, in, padding, job.initial,
          [&](FloatVector sum, FloatVector value, int64_t tap) { return multiplyAdd(splat(filter[tap]), value, sum); },
          store);
    else
      forOutputs(
          *job.window, in, padding, job.initial,
          [](FloatVector sum, FloatVector value, int64_t) { return sum + value; }, store);
  };
  job.isSigned ? run(reinterpret_cast<const int8_t *>(job.in)) : run(job.in);
}

} // namespace

void sumBytePlane(const BytePlaneJob &job, const float *filter, float *out) {
  sumBytes(job, filter, [&](int64_t at, FloatVector value, int64_t count) { storeSome(out + at, value, count); });
}

void rescaleBytePlane(const BytePlaneJob &job, const float *filter, const BytePlaneScale &scale, uint8_t *out) {
  const FloatVector factor = splat(scale.scale), offset = splat(scale.offset);
  const float low = static_cast<float>(scale.low), high = static_cast<float>(scale.high);
  sumBytes(job, filter, [=](int64_t at, FloatVector value, int64_t count) {
    storeBytes(out + at, rescale(value, factor, offset, low, high), count);
  });
}

namespace {

template <typename Byte> void maxBytes(const BytePlaneJob &job, Byte low, Byte high, uint8_t *out) {
  constexpr int64_t bytes = 4 * lanesPerVector;
  typedef Byte Bytes __attribute__((vector_size(bytes)));
  static thread_local PaddedPlane<uint8_t> plane;
  const Window &window = *job.window;
  const Byte lowest = std::numeric_limits<Byte>::min();
  plane.build(window, job.in, static_cast<uint8_t>(lowest));
  for (int64_t d = 0; d < window.output[0]; ++d)
    for (int64_t h = 0; h < window.output[1]; ++h, out += window.output[2]) {
      const uint8_t *line = plane.values.data() + d * plane.depthStride + h * plane.heightStride;
      for (int64_t w = 0; w < window.output[2]; w += bytes) {
        Bytes best = Bytes{} + low;
        for (int64_t tap : plane.taps) {
          const Bytes value = loadVector<Bytes>(line + w + tap);
          best = value > best ? value : best;
        }
        best = best > high ? Bytes{} + high : best;
        std::memcpy(out + w, &best, std::min(bytes, window.output[2] - w));
      }
    }
}

} // namespace

void maxBytePlane(const BytePlaneJob &job, int32_t low, int32_t high, uint8_t *out) {
  if (job.isSigned)
    maxBytes<int8_t>(job, static_cast<int8_t>(low), static_cast<int8_t>(high), out);
  else
    maxBytes<uint8_t>(job, static_cast<uint8_t>(low), static_cast<uint8_t>(high), out);
}

} // namespace tpu_mlir::kernels::TPU_SIMD_NAMESPACE
