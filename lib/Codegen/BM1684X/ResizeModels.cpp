// Code generation of Upsample and Interp: along each axis an output position is one input position or a weighted pair.
// Positions whose sources advance evenly with equal weights are done by one strided instruction.
#include "Functions.h"
#include "Models.h"
#include "Requantization.h"
#include "Spatial.h"
#include "StoredNumber.h"

#include "tpu_mlir/Dialect/Top/IR/TopUtils.h"
#include "tpu_mlir/Dialect/Tpu/IR/TpuOps.h"

#include <cmath>
#include <numeric>

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::codegen;
using bm1684x::Dims;

namespace {

/// in[first] * (1 - weight) + in[second] * weight; weight 0 is a copy of in[first].
struct Tap {
  int64_t first, second;
  double weight;
};
using Taps = std::vector<Tap>;

/// `count` outputs from `out` on, `outStep` apart, whose sources are `inStep` apart.
struct TapRun {
  int64_t out, outStep, in, inStep, count;
  double weight;
};

bool continues(const Taps &taps, int64_t at, int64_t next, int64_t inStep) {
  const Tap &a = taps[at], &b = taps[next];
  return b.first - a.first == inStep && b.second - b.first == a.second - a.first &&
         std::abs(b.weight - a.weight) < 1e-7;
}

/// Cuts the outputs of `range` into runs with one of the given steps.
std::vector<TapRun> runsOf(const Taps &taps, Range range, int64_t outStep, int64_t inStep) {
  std::vector<TapRun> runs;
  for (int64_t phase = 0; phase < std::min(outStep, range.size); ++phase)
    for (int64_t o = range.begin + phase; o < range.end();) {
      int64_t last = o;
      while (last + outStep < range.end() && continues(taps, last, last + outStep, inStep))
        last += outStep;
      runs.push_back({o, outStep, taps[o].first, inStep, (last - o) / outStep + 1,
                      taps[o].second == taps[o].first ? 0 : taps[o].weight});
      o = last + outStep;
    }
  return runs;
}

/// An axis of a resize: its taps and the period with which sources repeat.
struct ResizeAxis {
  Taps taps;
  int64_t outStep = 1, inStep = 1;

  int64_t extent() const { return static_cast<int64_t>(taps.size()); }
  Range sources(Range out) const {
    int64_t begin = taps[out.begin].first, end = begin;
    for (int64_t o = out.begin; o < out.end(); ++o) {
      begin = std::min(begin, taps[o].first);
      end = std::max({end, taps[o].first, taps[o].second});
    }
    return {begin, end - begin + 1};
  }
  bool interpolates() const {
    return llvm::any_of(taps, [](const Tap &tap) { return tap.weight != 0 && tap.second != tap.first; });
  }
};

class ResizeOp : public TiledOp {
public:
  /// `relu` is for floats, `limits` for bytes.
  ResizeOp(ResizeAxis rows, ResizeAxis columns, ElementType type, FusedRelu relu, const Requantization &limits)
      : rows(std::move(rows)), columns(std::move(columns)), type(type), relu(relu), limits(limits),
        compute(this->rows.interpolates() || this->columns.interpolates() ? ElementType::F32 : type) {}

  IterationSpace space() const override {
    IterationSpace space;
    const Dims &shape = results[0].shape;
    space.n.extent = shape[0], space.c.extent = shape[1], space.h.extent = shape[2], space.w.extent = shape[3];
    return space;
  }
  Slice operandSlice(unsigned, const Tile &tile) const override {
    return {tile.out.n, tile.out.c, rows.sources(tile.out.h), columns.sources(tile.out.w)};
  }
  bool loadsPlainly(unsigned) const override { return true; }
  bool storesPlainly() const override { return true; }
  bool readsFree(unsigned) const override { return true; } // copies, casts and multiplications do
  int64_t scratchBytes(const Tile &tile) const override {
    Sizes sizes = sizesOf(tile);
    return (widens() ? bytesOf(sizes.in) + bytesOf(sizes.out) : 0) + bytesOf(sizes.middle);
  }
  void emit(Assembler &assembler, const Tile &tile, const TileBuffers &buffers) const override {
    Sizes sizes = sizesOf(tile);
    uint32_t at = buffers.scratch;
    auto take = [&](Dims shape) {
      LocalTensor tensor = LocalTensor::aligned(at, shape, compute);
      at += static_cast<uint32_t>(bytesOf(shape));
      return tensor;
    };
    LocalTensor in = buffers.operands[0], out = buffers.results[0];
    if (widens()) {
      in = take(sizes.in);
      assembler.tiu.cast(in, buffers.operands[0]);
      out = take(sizes.out);
    }
    LocalTensor middle = take(sizes.middle);
    resize(assembler, middle, in, 2, rows, tile.out.h);
    resize(assembler, out, middle, 3, columns, tile.out.w);
    if (widens())
      assembler.tiu.cast(buffers.results[0], out, bm1684x::Rounding::HalfAwayFromZero);
    relu.emit(assembler, buffers.results[0]);
    if (!bm1684x::isFloat(type))
      limits.clamp(assembler, buffers.results[0]);
  }
  int64_t computeCycles(const Tile &tile) const override {
    Sizes sizes = sizesOf(tile);
    int64_t perPosition = compute == type ? 1 : 2, item = static_cast<int64_t>(byteSize(compute));
    // Strided columns take a cycle per element, rows a cycle per line.
    int64_t strided = sizes.out[0] * ceilDiv(sizes.out[1], 64) * sizes.out[2] * sizes.out[3];
    return perPosition * (2 * elementwiseCycles(sizes.middle, item) + strided);
  }

private:
  struct Sizes {
    Dims in, middle, out;
  };
  Sizes sizesOf(const Tile &tile) const {
    Dims in = operandSlice(0, tile).shape(), out = tile.out.shape();
    return {in, {in[0], in[1], out[2], in[3]}, out};
  }
  bool widens() const { return compute != type; }
  int64_t bytesOf(Dims shape) const { return LocalTensor::aligned(0, shape, compute).bytesPerLane(); }

  /// Every `step`-th position of an axis from `begin` on.
  static LocalTensor stepped(const LocalTensor &tensor, int axis, int64_t begin, int64_t step, int64_t count) {
    Dims shape = tensor.shape, strides = tensor.strides;
    uint32_t offset = tensor.offset + static_cast<uint32_t>(begin * strides[axis] * tensor.itemBytes());
    shape[axis] = count, strides[axis] *= step;
    return LocalTensor::free(offset, shape, strides, tensor.type, tensor.lane);
  }
  static void resize(Assembler &assembler, const LocalTensor &out, const LocalTensor &in, int axis,
                     const ResizeAxis &map, Range range) {
    int64_t origin = map.sources(range).begin;
    for (const TapRun &run : runsOf(map.taps, range, map.outStep, map.inStep)) {
      LocalTensor to = stepped(out, axis, run.out - range.begin, run.outStep, run.count);
      LocalTensor first = stepped(in, axis, run.in - origin, run.inStep, run.count);
      if (run.weight == 0) {
        assembler.tiu.copy(to, first);
        continue;
      }
      LocalTensor second = stepped(in, axis, run.in + 1 - origin, run.inStep, run.count);
      assembler.tiu.mul(to, first, bm1684x::Constant::f32(static_cast<float>(1 - run.weight)));
      assembler.tiu.mac(to, second, bm1684x::Constant::f32(static_cast<float>(run.weight)));
    }
  }

  ResizeAxis rows, columns;
  ElementType type;
  FusedRelu relu;
  Requantization limits;
  ElementType compute;
};

ResizeAxis repeated(int64_t extent, int64_t times) {
  ResizeAxis axis{{}, times, 1};
  for (int64_t o = 0; o < extent * times; ++o)
    axis.taps.push_back({o / times, o / times, 0});
  return axis;
}

double sourceOf(double o, int64_t extent, int64_t outExtent, double scale, tpu::ResizeCoordMode mode) {
  switch (mode) {
  case tpu::ResizeCoordMode::align_corners:
    return outExtent == 1 ? 0 : o * static_cast<double>(extent - 1) / static_cast<double>(outExtent - 1);
  case tpu::ResizeCoordMode::pytorch_half_pixel:
    return outExtent == 1 ? 0 : (o + 0.5) / scale - 0.5;
  case tpu::ResizeCoordMode::half_pixel:
    return (o + 0.5) / scale - 0.5;
  case tpu::ResizeCoordMode::asymmetric:
    return o / scale;
  }
  return 0;
}

ResizeAxis interpolated(int64_t extent, int64_t outExtent, double scale, tpu::ResizeMode mode,
                        tpu::ResizeCoordMode coordinates) {
  ResizeAxis axis;
  bool corners = coordinates == tpu::ResizeCoordMode::align_corners && outExtent > 1 && extent > 1;
  int64_t in = corners ? extent - 1 : extent, out = corners ? outExtent - 1 : outExtent, common = std::gcd(in, out);
  axis.inStep = in / common, axis.outStep = out / common;
  for (int64_t o = 0; o < outExtent; ++o) {
    double position = sourceOf(static_cast<double>(o), extent, outExtent, scale, coordinates);
    if (mode == tpu::ResizeMode::nearest) {
      double nearest =
          coordinates == tpu::ResizeCoordMode::asymmetric ? std::floor(position) : std::ceil(position - 0.5);
      int64_t source = std::clamp<int64_t>(static_cast<int64_t>(nearest), 0, extent - 1);
      axis.taps.push_back({source, source, 0});
    } else {
      position = std::clamp(position, 0.0, static_cast<double>(extent - 1));
      int64_t first = static_cast<int64_t>(position);
      axis.taps.push_back(
          {first, std::min(first + 1, extent - 1), static_cast<float>(position - static_cast<double>(first))});
    }
  }
  return axis;
}

FailureOr<std::unique_ptr<TiledOp>> makeResize(Operation *op, const CodegenContext &context, ResizeAxis rows,
                                               ResizeAxis columns, FusedRelu relu) {
  Value input = op->getOperand(0), output = op->getResult(0);
  ElementType type = elementTypeOf(output.getType());
  Requantization limits;
  if (!bm1684x::isFloat(type)) {
    if (rows.interpolates() || columns.interpolates())
      return op->emitOpError("interpolates integers, for which there is no code generation; let it run in F16");
    std::optional<top::Quantization> quantization = top::quantizationOf(output);
    if (relu.enabled && !quantization)
      return op->emitOpError("has a fused ReLU on integers without a scale");
    limits.type = type;
    if (relu.enabled)
      limits.low = quantization->zeroPoint;
    if (relu.enabled && relu.limit > 0)
      limits.high = storedNumber(relu.limit, *quantization);
    relu.enabled = false;
  }
  auto tiled = std::make_unique<ResizeOp>(std::move(rows), std::move(columns), type, relu, limits);
  tiled->operands = {{context.global(input), isWeight(input)}};
  tiled->results = {context.global(output)};
  tiled->name = top::nameOf(output).str();
  return std::unique_ptr<TiledOp>(std::move(tiled));
}

ArrayRef<int64_t> shapeOf(Value value) { return cast<RankedTensorType>(value.getType()).getShape(); }

struct UpsampleModel : CodegenInterface::ExternalModel<UpsampleModel, tpu::UpsampleOp> {
  FailureOr<std::unique_ptr<TiledOp>> tile(Operation *op, const CodegenContext &context) const {
    auto upsample = cast<tpu::UpsampleOp>(op);
    ArrayRef<int64_t> shape = shapeOf(upsample.getInput());
    if (shape.size() != 4)
      return op->emitOpError("has code generation for inputs of rank 4 only");
    return makeResize(op, context, repeated(shape[2], upsample.getScaleH()), repeated(shape[3], upsample.getScaleW()),
                      {upsample.getDoRelu(), upsample.getReluLimit().convertToDouble()});
  }
};

struct InterpModel : CodegenInterface::ExternalModel<InterpModel, tpu::InterpOp> {
  FailureOr<std::unique_ptr<TiledOp>> tile(Operation *op, const CodegenContext &context) const {
    auto interp = cast<tpu::InterpOp>(op);
    ArrayRef<int64_t> in = shapeOf(interp.getInput()), out = shapeOf(interp.getOutput());
    if (in.size() != 4)
      return op->emitOpError("has code generation for inputs of rank 4 only");
    double scales[] = {interp.getScaleH().convertToDouble(), interp.getScaleW().convertToDouble()};
    ResizeAxis axes[2];
    for (int i = 0; i < 2; ++i) {
      double scale = scales[i] > 0 ? scales[i] : static_cast<double>(out[2 + i]) / static_cast<double>(in[2 + i]);
      axes[i] = interpolated(in[2 + i], out[2 + i], scale, interp.getMode(), interp.getCoordMode());
    }
    return makeResize(op, context, std::move(axes[0]), std::move(axes[1]), {});
  }
};

} // namespace

void tpu_mlir::codegen::attachResizeModels(MLIRContext &context) {
  tpu::UpsampleOp::attachInterface<UpsampleModel>(context);
  tpu::InterpOp::attachInterface<InterpModel>(context);
}
