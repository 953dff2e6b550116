// Merging of axes and the choice of the axis that fills the lanes, by the burst and lane rules of the cycle model.
#include "BroadcastView.h"

#include <limits>
#include <numeric>

namespace tpu_mlir::codegen {

llvm::SmallVector<int64_t> rowMajorStrides(ShapeRef shape) {
  llvm::SmallVector<int64_t> strides(shape.size());
  int64_t stride = 1;
  for (size_t i = shape.size(); i-- > 0; stride *= shape[i])
    strides[i] = stride;
  return strides;
}

llvm::SmallVector<MergedAxis> mergeAxes(ShapeRef result, llvm::ArrayRef<ShapeRef> operands) {
  llvm::SmallVector<MergedAxis> axes;
  llvm::SmallVector<int64_t> resultStrides = rowMajorStrides(result);
  llvm::SmallVector<llvm::SmallVector<int64_t>> operandStrides;
  for (ShapeRef shape : operands)
    operandStrides.push_back(rowMajorStrides(shape));
  for (size_t i = 0; i < result.size(); ++i) {
    if (result[i] == 1)
      continue;
    MergedAxis axis{result[i], resultStrides[i], {}};
    for (size_t k = 0; k < operands.size(); ++k) {
      int64_t j = static_cast<int64_t>(i) - static_cast<int64_t>(result.size() - operands[k].size());
      axis.operandStrides.push_back(j < 0 || operands[k][j] == 1 ? 0 : operandStrides[k][j]);
    }
    bool joins = !axes.empty();
    for (size_t k = 0; joins && k < operands.size(); ++k)
      joins = axes.back().operandStrides[k] == axis.operandStrides[k] * axis.extent;
    if (joins) {
      axis.extent *= axes.back().extent;
      axes.back() = std::move(axis);
    } else {
      axes.push_back(std::move(axis));
    }
  }
  if (axes.empty())
    axes.push_back({1, 1, llvm::SmallVector<int64_t, 3>(operands.size(), 1)});
  return axes;
}

namespace {

constexpr int64_t lanes = 64, lineBytes = 64, shortestBurst = 256;
constexpr double bytesPerCycle = 46; // between load and store

double cost(const BroadcastView &view, int64_t itemBytes, int64_t stepsPerLine) {
  auto [n, c, h, w] = view.shape;
  double lines = static_cast<double>(n) * ceilDiv(c, lanes) * ceilDiv(h * w, lineBytes / 4);
  bool rowsJoin = h == 1 || view.strides[2] == w;
  double run = static_cast<double>((rowsJoin ? h * w : w) * itemBytes);
  double bytes = static_cast<double>(n * c * h * w * itemBytes) * 2;
  double memory = bytes * std::max(1.0, shortestBurst / run) / bytesPerCycle;
  double compute = lines * static_cast<double>(stepsPerLine);
  // Both queues run side by side; the shorter one still counts a little so that ties go to the better use of lanes.
  return std::max(memory, compute) + 0.05 * std::min(memory, compute);
}

/// Splits an axis into an outer part of `outer` positions and the rest.
std::pair<MergedAxis, MergedAxis> split(const MergedAxis &axis, int64_t outer) {
  MergedAxis first = axis, rest = axis;
  rest.extent = axis.extent / outer;
  first.extent = outer;
  first.resultStride *= rest.extent;
  for (int64_t &stride : first.operandStrides)
    stride *= rest.extent;
  return {first, rest};
}

/// The view in which `laneAxis` is c and the other axes are the last ones of n, h, w in order.
BroadcastView arrange(llvm::ArrayRef<MergedAxis> axes, size_t laneAxis, size_t operandCount) {
  llvm::SmallVector<const MergedAxis *> others;
  for (size_t i = 0; i < axes.size(); ++i)
    if (i != laneAxis)
      others.push_back(&axes[i]);
  const MergedAxis *place[4] = {nullptr, &axes[laneAxis], nullptr, nullptr};
  constexpr int order[] = {3, 2, 0}; // w first, then h, then n
  // Two outer axes: the outer one is n, so that rows stay together.
  for (size_t i = 0; i < others.size(); ++i)
    place[others.size() == 2 && i == 1 ? 0 : order[i]] = others[others.size() - 1 - i];
  BroadcastView view;
  view.operands.resize(operandCount);
  for (int k = 0; k < 4; ++k) {
    view.shape[k] = place[k] ? place[k]->extent : 1;
    view.strides[k] = place[k] ? place[k]->resultStride : 1;
    for (size_t o = 0; o < operandCount; ++o) {
      int64_t stride = place[k] ? place[k]->operandStrides[o] : 0;
      view.operands[o].shape[k] = stride ? view.shape[k] : 1;
      view.operands[o].strides[k] = stride ? stride : 1;
    }
  }
  return view;
}

/// More than four axes: the last three are c, h and w, all before them n.
BroadcastView withBatch(llvm::ArrayRef<MergedAxis> axes, size_t operandCount) {
  llvm::ArrayRef<MergedAxis> outer = axes.drop_back(3);
  BroadcastView view = arrange(axes.take_back(3), 0, operandCount);
  // c, then w and n of what `arrange` made of three axes: h is the middle one here.
  std::swap(view.shape[0], view.shape[2]), std::swap(view.strides[0], view.strides[2]);
  for (const MergedAxis &axis : outer)
    view.shape[0] *= axis.extent;
  view.strides[0] = outer.back().resultStride;
  for (size_t o = 0; o < operandCount; ++o) {
    OperandView &operand = view.operands[o];
    std::swap(operand.shape[0], operand.shape[2]), std::swap(operand.strides[0], operand.strides[2]);
    operand.shape[0] = view.shape[0];
    for (const MergedAxis &axis : outer)
      operand.batch.parts.push_back({axis.extent, axis.operandStrides[o]});
  }
  return view;
}

} // namespace

BroadcastView chooseBroadcastView(ShapeRef result, llvm::ArrayRef<ShapeRef> operands, int64_t itemBytes,
                                  int64_t stepsPerLine) {
  llvm::SmallVector<MergedAxis> axes = mergeAxes(result, operands);
  if (axes.size() > 4)
    return withBatch(axes, operands.size());
  std::optional<BroadcastView> best;
  double bestCost = std::numeric_limits<double>::max();
  auto consider = [&](llvm::ArrayRef<MergedAxis> candidate, size_t laneAxis) {
    BroadcastView view = arrange(candidate, laneAxis, operands.size());
    if (view.shape[3] > 1 && view.strides[3] != 1)
      return; // GDMA moves rows
    for (const OperandView &operand : view.operands)
      if (operand.shape[3] > 1 && operand.strides[3] != 1)
        return;
    if (double c = cost(view, itemBytes, stepsPerLine); c < bestCost) {
      bestCost = c;
      best = std::move(view);
    }
  };
  for (size_t i = 0; i < axes.size(); ++i) {
    consider(axes, i);
    if (axes.size() == 4)
      continue;
    // Part of a long axis fills the lanes.
    for (int64_t outer = 2; outer <= 4096 && outer < axes[i].extent; ++outer) {
      if (axes[i].extent % outer)
        continue;
      llvm::SmallVector<MergedAxis> candidate(axes);
      auto [first, rest] = split(axes[i], outer);
      candidate[i] = rest;
      candidate.insert(candidate.begin() + i, first);
      consider(candidate, i);
    }
  }
  return *best;
}

} // namespace tpu_mlir::codegen
