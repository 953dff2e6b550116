// Evaluation of Top ops: selection, search, gathering and scattering.
#include "tpu_mlir/Kernels/Indexing.h"
#include "../Common.h"
#include "Broadcast.h"
#include "tpu_mlir/Dialect/Top/IR/TopIndexing.h"

#include <cmath>

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::evaluation;

using Indices = std::vector<int64_t>;

// Without the decimals of an f32 that is whole.
static std::string indexText(float value) {
  return std::abs(value) < 1e15f && value == std::floor(value) ? std::to_string(static_cast<int64_t>(value))
                                                               : std::to_string(value);
}

// Indices into an axis, counted from the front; an error if one is outside of it. `stride` picks every n-th.
static FailureOr<Indices> checkedIndices(Call &call, const Tensor &tensor, int64_t extent, int64_t first = 0,
                                         int64_t stride = 1) {
  const Tensor floats = toFloat(tensor);
  Indices indices;
  indices.reserve(stride > 0 ? floats.elements() / stride : 0);
  for (int64_t i = first; i < floats.elements(); i += stride) {
    const float value = floats.data<float>()[i];
    if (!(value >= static_cast<float>(-extent) && value < static_cast<float>(extent)))
      return call.refuse("has index " + indexText(value) + " for an axis of " + Twine(extent) + " elements");
    const int64_t index = static_cast<int64_t>(value);
    indices.push_back(index < 0 ? index + extent : index);
  }
  return indices;
}

// Per tuple of indices (the last axis) the offset, in elements, of what it selects from `data` behind `batch` axes.
static FailureOr<Indices> tupleOffsets(Call &call, const Tensor &indices, const Extents &data, int64_t batch) {
  const int64_t tuple = indices.dim(-1), count = indices.elements() / tuple;
  Indices offsets(count, 0);
  for (int64_t t = 0; t < tuple; ++t) {
    int64_t stride = 1;
    for (size_t i = batch + t + 1; i < data.size(); ++i)
      stride *= data[i];
    const FailureOr<Indices> places = checkedIndices(call, indices, data[batch + t], t, tuple);
    if (failed(places))
      return failure();
    for (int64_t i = 0; i < count; ++i)
      offsets[i] += (*places)[i] * stride;
  }
  return offsets;
}

static int64_t productFrom(const Extents &shape, size_t begin) {
  int64_t result = 1;
  for (size_t i = begin; i < shape.size(); ++i)
    result *= shape[i];
  return result;
}

static LogicalResult evaluateArg(top::ArgOp op, Call &call) {
  const Tensor in = call.floats(op.getInput());
  const kernels::AxisView axis = kernels::axisView(in.shape(), top::normalizeAxis(op.getAxis(), in.rank()));
  Tensor indices = call.floatResult(0), values = call.isWanted(1) ? call.floatResult(1) : Tensor();
  kernels::argExtremum(in.data<float>(), axis, op.getMode() == "ArgMax", op.getSelectLastIndex(), indices.data<float>(),
                       call.isWanted(1) ? values.data<float>() : nullptr);
  if (failed(call.finish(std::move(indices))))
    return failure();
  return call.isWanted(1) ? call.finish(std::move(values)) : call.finishAsIs(Tensor());
}

// The first `count` elements in order, as values and indices.
static LogicalResult evaluateOrder(Call &call, int64_t givenAxis, int64_t count, bool descending) {
  const Tensor in = call.floats(size_t{0});
  const int64_t position = top::normalizeAxis(givenAxis, in.rank());
  if (position < 0 || count > in.dim(position) || count < 0)
    return call.refuse("takes more elements than its axis has");
  Tensor results[2];
  float *data[2] = {nullptr, nullptr};
  for (size_t i : {0, 1})
    if (call.isWanted(i)) {
      results[i] = call.floatResult(i);
      if (results[i].dim(position) != count)
        return call.refuse("has a result of unexpected shape");
      data[i] = results[i].data<float>();
    }
  kernels::sortAlong(in.data<float>(), kernels::axisView(in.shape(), position), count, descending, data[0], data[1]);
  for (size_t i : {0, 1})
    if (failed(call.isWanted(i) ? call.finish(std::move(results[i])) : call.finishAsIs(Tensor())))
      return failure();
  return success();
}

static LogicalResult evaluateSort(top::SortOp op, Call &call) {
  const Tensor &in = call.operand(op.getInput());
  return evaluateOrder(call, op.getAxis(), in.dim(top::normalizeAxis(op.getAxis(), in.rank())), op.getDescending());
}

static LogicalResult evaluateTopK(top::TopKOp op, Call &call) {
  int64_t count = op.getK();
  if (op.getKT() && !call.operand(op.getKT()).empty())
    count = integersOf(call.operand(op.getKT())).front();
  return evaluateOrder(call, op.getAxis(), count, op.getLargest());
}

static LogicalResult evaluateGather(top::GatherOp op, Call &call) {
  const Tensor in = call.floats(op.getInput());
  const kernels::AxisView axis = kernels::axisView(in.shape(), top::normalizeAxis(op.getAxis(), in.rank()));
  const FailureOr<Indices> indices = checkedIndices(call, call.operand(op.getIndices()), axis.extent);
  if (failed(indices))
    return failure();
  Tensor out = call.floatResult();
  kernels::gatherRuns(in.data<float>(), axis.outer, axis.extent, axis.inner * sizeof(float), *indices,
                      out.data<float>());
  return call.finish(std::move(out));
}

static LogicalResult evaluateGatherElements(top::GatherElementsOp op, Call &call) {
  const Tensor in = call.floats(op.getInput()), &places = call.operand(op.getIndices());
  const int64_t axis = top::normalizeAxis(op.getAxis(), in.rank());
  const FailureOr<Indices> indices = checkedIndices(call, places, in.dim(axis));
  if (failed(indices))
    return failure();
  Tensor out = call.floatResult();
  kernels::gatherElements(in.data<float>(), in.shape(), indices->data(), places.shape(), axis, out.data<float>());
  return call.finish(std::move(out));
}

static LogicalResult evaluateGatherND(top::GatherNDOp op, Call &call) {
  const Tensor in = call.floats(op.getInput()), &places = call.operand(op.getIndices());
  const int64_t batchAxes = op.getBatchDims();
  FailureOr<Indices> offsets = tupleOffsets(call, places, in.shape(), batchAxes);
  if (failed(offsets))
    return failure();
  const int64_t run = productFrom(in.shape(), batchAxes + places.dim(-1));
  const int64_t perBatch = productFrom(in.shape(), batchAxes);
  const int64_t batch = perBatch ? in.elements() / perBatch : 0;
  const int64_t tuples = batch ? static_cast<int64_t>(offsets->size()) / batch : 0;
  Tensor out = call.floatResult();
  const int64_t grain = std::max<int64_t>(1, pairGrain / std::max<int64_t>(run, 1));
  parallelFor(batch * tuples, grain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i)
      std::copy_n(in.data<float>() + i / tuples * perBatch + (*offsets)[i], run, out.data<float>() + i * run);
  });
  return call.finish(std::move(out));
}

static LogicalResult evaluateScatterElements(top::ScatterElementsOp op, Call &call) {
  Tensor out = call.floats(op.getInput()).clone();
  const Tensor &places = call.operand(op.getIndices());
  const Tensor updates = call.floats(op.getUpdates());
  const int64_t axis = top::normalizeAxis(op.getAxis(), out.rank());
  const FailureOr<Indices> indices = checkedIndices(call, places, out.dim(axis));
  if (failed(indices))
    return failure();
  kernels::scatterElements(static_cast<kernels::Scatter>(op.getReduction()), out.data<float>(), out.shape(),
                           indices->data(), places.shape(), axis, updates.data<float>());
  return call.finish(std::move(out));
}

static LogicalResult evaluateScatterND(top::ScatterNDOp op, Call &call) {
  Tensor out = call.floats(op.getInputData()).clone();
  const Tensor &places = call.operand(op.getIndices());
  const Tensor updates = call.floats(op.getUpdates());
  const FailureOr<Indices> offsets = tupleOffsets(call, places, out.shape(), 0);
  if (failed(offsets))
    return failure();
  kernels::scatterRuns(static_cast<kernels::Scatter>(op.getReduction()), out.data<float>(), *offsets,
                       productFrom(out.shape(), places.dim(-1)), updates.data<float>());
  return call.finish(std::move(out));
}

static LogicalResult evaluateIndexPut(top::IndexPutOp op, Call &call) {
  Tensor out = call.floats(op.getInput()).clone();
  const Tensor &places = call.operand(op.getIndices());
  FailureOr<Indices> offsets = checkedIndices(call, places, out.dim(0));
  if (failed(offsets))
    return failure();
  const int64_t run = productFrom(out.shape(), 1);
  Extents rows = places.shape();
  rows.insert(rows.end(), out.shape().begin() + 1, out.shape().end());
  const Tensor updates = broadcastTo(call.floats(op.getValues()), rows);
  for (int64_t &offset : *offsets)
    offset *= run;
  kernels::scatterRuns(op.getAccumulate() ? kernels::Scatter::Add : kernels::Scatter::Replace, out.data<float>(),
                       *offsets, run, updates.data<float>());
  return call.finish(std::move(out));
}

static LogicalResult evaluateEmbDenseBwd(top::EmbDenseBwdOp op, Call &call) {
  const Tensor gradient = call.floats(op.getGradOutput());
  const Tensor floats = toFloat(call.operand(op.getIndices()));
  for (int64_t i = 0; i < floats.elements(); ++i)
    if (floats.data<float>()[i] < 0)
      return call.refuse("has a negative index");
  FailureOr<Indices> offsets = checkedIndices(call, floats, op.getNumWeights());
  if (failed(offsets))
    return failure();
  Tensor out = call.floatResult();
  std::fill_n(out.data<float>(), out.elements(), 0.0f);
  for (int64_t &offset : *offsets)
    offset *= gradient.dim(-1);
  kernels::scatterRuns(kernels::Scatter::Add, out.data<float>(), *offsets, gradient.dim(-1), gradient.data<float>());
  return call.finish(std::move(out));
}

static LogicalResult evaluateNonZero(top::NonZeroOp op, Call &call) {
  const Tensor in = call.floats(op.getInput());
  Tensor out = call.floatResult();
  std::fill_n(out.data<float>(), out.elements(), -1.0f);
  const bool tuplePerRow = op.getOrder() == "ColMajor";
  int64_t found = 0;
  for (int64_t i = 0; i < in.elements(); ++i) {
    if (in.data<float>()[i] == 0)
      continue;
    int64_t rest = i;
    for (int64_t axis = in.rank(); axis-- > 0; rest /= in.dim(axis))
      out.data<float>()[tuplePerRow ? found * in.rank() + axis : axis * in.elements() + found] =
          static_cast<float>(rest % in.dim(axis));
    ++found;
  }
  return call.finish(std::move(out));
}

static LogicalResult evaluateNms(top::NmsOp op, Call &call) {
  const Tensor boxes = call.floats(size_t{0}), scores = call.floats(size_t{1});
  const auto limit = [&](size_t index, float otherwise) {
    return index < call.operandCount() ? *call.floats(index).data<float>() : otherwise;
  };
  const int64_t bound = std::min<int64_t>(op.getMaxOutputSize(), boxes.dim(1));
  const float given = limit(2, static_cast<float>(bound));
  const kernels::Suppression settings{scores.dim(0),
                                      scores.dim(1),
                                      boxes.dim(1),
                                      op.getCenterPointBox() == 1,
                                      given >= static_cast<float>(bound) ? bound
                                      : given > 0                        ? static_cast<int64_t>(given)
                                                                         : 0,
                                      limit(3, 0),
                                      call.operandCount() > 4,
                                      limit(4, 0)};
  const std::vector<std::vector<int64_t>> chosen =
      kernels::suppress(settings, boxes.data<float>(), scores.data<float>());
  Tensor out = call.floatResult();
  std::fill_n(out.data<float>(), out.elements(), -1.0f);
  float *row = out.data<float>();
  for (size_t i = 0; i < chosen.size(); ++i)
    for (int64_t box : chosen[i]) {
      const int64_t values[] = {static_cast<int64_t>(i) / settings.classes, static_cast<int64_t>(i) % settings.classes,
                                box};
      row = std::copy(std::begin(values), std::end(values), row);
    }
  return call.finish(std::move(out));
}

void evaluation::attachTopIndexingModels(MLIRContext &context) {
  attach<top::ArgOp, evaluateArg>(context);
  attach<top::SortOp, evaluateSort>(context);
  attach<top::TopKOp, evaluateTopK>(context);
  attach<top::GatherOp, evaluateGather>(context);
  attach<top::GatherElementsOp, evaluateGatherElements>(context);
  attach<top::GatherNDOp, evaluateGatherND>(context);
  attach<top::ScatterElementsOp, evaluateScatterElements>(context);
  attach<top::ScatterNDOp, evaluateScatterND>(context);
  attach<top::IndexPutOp, evaluateIndexPut>(context);
  attach<top::EmbDenseBwdOp, evaluateEmbDenseBwd>(context);
  attach<top::NonZeroOp, evaluateNonZero>(context);
  attach<top::NmsOp, evaluateNms>(context);
}
