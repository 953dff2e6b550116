// Unrolling a plan: buffers, values that are kept between groups, and the views of parts of buffers.
#include "Timeline.h"

#include "SlicedGroup.h"
#include "TimedChain.h"

#include "tpu_mlir/Codegen/CodegenInterface.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FormatVariadic.h"

using namespace tpu_mlir;
using namespace tpu_mlir::codegen;

GlobalTensor codegen::partOf(const GlobalTensor &global, const Slice &slice) {
  return global.slice({slice.n.begin, slice.c.begin, slice.h.begin, slice.w.begin}, slice.shape());
}

LocalTensor codegen::viewIn(uint32_t offset, const Slice &box, ElementType type, const Slice &part) {
  LocalTensor whole = LocalTensor::aligned(offset, box.shape(), type);
  if (part == box)
    return whole;
  LocalTensor view = whole.slice(
      {part.n.begin - box.n.begin, part.c.begin - box.c.begin, part.h.begin - box.h.begin, part.w.begin - box.w.begin},
      part.shape());
  LocalTensor aligned = LocalTensor::aligned(view.offset, view.shape, type, view.lane);
  if (view.offset % bm1684x::lineBytes == 0 && view.hasStridesOf(aligned.strides))
    return aligned;
  view.layout = bm1684x::Layout::Free;
  return view;
}

bool codegen::isSameTensor(const LocalTensor &a, const LocalTensor &b) {
  return a.offset == b.offset && a.lane == b.lane && a.layout == b.layout && a.type == b.type && a.shape == b.shape &&
         a.hasStridesOf(b.strides);
}

bool codegen::acceptsView(const TiledOp &op, unsigned i, const Slice &slice, const Tile &tile,
                          const LocalTensor &view) {
  if (view.lane != 0 || !op.loadsPlainly(i))
    return false;
  LocalTensor expected = op.operandBuffer(i, slice, tile, view.offset);
  if (view.layout == bm1684x::Layout::Free)
    return op.readsFree(i) && expected.layout == bm1684x::Layout::Aligned && expected.shape == view.shape &&
           expected.type == view.type;
  return isSameTensor(expected, view);
}

llvm::Expected<llvm::SmallVector<TiledOp *, 4>> Forms::ofChain(int first, int count) {
  llvm::SmallVector<TiledOp *, 4> ops;
  if (count == 1) {
    ops.push_back(network.nodes[static_cast<size_t>(first)].alone.get());
    return ops;
  }
  auto nodes = llvm::ArrayRef(network.nodes).slice(static_cast<size_t>(first), static_cast<size_t>(count));
  bool isFlat = llvm::all_of(nodes, [](const NetworkNode &node) { return followsFlat(node.op); });
  int64_t item = 8;
  for (const NetworkNode &node : nodes)
    item = std::min(item, smallestItem(node.op));
  for (int node = first; node < first + count; ++node) {
    if (!isFlat) {
      ops.push_back(member(node));
      continue;
    }
    auto &form = flat[{node, item}];
    if (!form) {
      auto made = network.flatForm(node, item);
      if (failed(made))
        return llvm::createStringError("a member of a chain has no tiled form");
      form = std::move(*made);
    }
    ops.push_back(form.get());
  }
  return ops;
}

llvm::Expected<std::vector<ChainMember>> codegen::chainOf(const Network &network, Forms &forms, int first, int count) {
  auto ops = forms.ofChain(first, count);
  if (!ops)
    return ops.takeError();
  std::vector<ChainMember> chain;
  for (int m = 0; m < count; ++m) {
    const NetworkNode &node = network.nodes[static_cast<size_t>(first + m)];
    ChainMember member{(*ops)[static_cast<size_t>(m)], -1};
    auto refuse = [&](const char *why) { return llvm::createStringError(llvm::formatv("'{0}' {1}", node.name, why)); };
    if (node.kind != NodeKind::Tiled || !member.op)
      return refuse("cannot be a member of a chain");
    if (m) {
      const NetworkNode &before = network.nodes[static_cast<size_t>(first + m - 1)];
      for (auto [i, value] : llvm::enumerate(node.operands))
        if (value == before.result)
          member.chainedOperand = static_cast<int>(i);
      auto placement = llvm::dyn_cast<PlacementInterface>(node.op);
      if (member.chainedOperand < 0 || !placement)
        return refuse("does not read the op before it in its chain");
      if (llvm::count(node.operands, before.result) > 1)
        return refuse("reads the op before it in its chain twice");
      const auto &value = network.values[static_cast<size_t>(before.result)];
      if (value.isResult || value.readers.size() != 1)
        return refuse("is not the only reader of the op before it in its chain");
      bool follows = false;
      for (unsigned i = 0; i < node.op->getNumOperands(); ++i)
        if (node.op->getOperand(i) == value.value)
          follows = placement.followsOperand(i);
      const auto &shape = member.op->results[0].shape;
      if (!follows || shape != chain.front().op->results[0].shape ||
          member.op->operands[static_cast<size_t>(member.chainedOperand)].global.shape != shape)
        return refuse("is not elementwise in the op before it in its chain");
    }
    chain.push_back(member);
  }
  return chain;
}

int TimelineBuilder::addBuffer(int64_t bytes, int64_t copies) {
  TimedBuffer buffer;
  buffer.copies = copies;
  buffer.bytes = alignTo(std::max<int64_t>(bytes, 1), 64);
  buffer.group = group;
  timeline.buffers.push_back(buffer);
  return static_cast<int>(timeline.buffers.size()) - 1;
}

int TimelineBuilder::addBox(const Slice &box, ElementType type) {
  int index = addBuffer(LocalTensor::aligned(0, box.shape(), type).bytesPerLane());
  timeline.buffers.back().box = box;
  timeline.buffers.back().type = type;
  return index;
}

void TimelineBuilder::keepResult(int value, const TiledOp &op) {
  if (!keep.count(value))
    return;
  int buffer = addBox(wholeOf(op.results[0].shape), op.results[0].type);
  timeline.buffers.back().isKept = true;
  timeline.buffers.back().value = value;
  kept[value] = buffer;
}

std::optional<BufferRef> TimelineBuilder::keptOperand(int value, const TiledOp &op, unsigned i, const Slice &slice,
                                                      const Tile &tile) {
  auto it = kept.find(value);
  if (it == kept.end() || op.operands[i].isParameter)
    return std::nullopt;
  const TimedBuffer &buffer = timeline.buffers[static_cast<size_t>(it->second)];
  const GlobalTensor &global = op.operands[i].global;
  const GlobalTensor &made =
      network.nodes[static_cast<size_t>(network.values[static_cast<size_t>(value)].producer)].member->results[0];
  if (global.shape != buffer.box.shape() || global.type != buffer.type || !global.isContiguous() ||
      global.address != made.address || !acceptsView(op, i, slice, tile, viewIn(0, buffer.box, buffer.type, slice)))
    return std::nullopt;
  return BufferRef{it->second, false, slice};
}

std::optional<BufferRef> TimelineBuilder::keptResult(int value, const TiledOp &op, const Tile &tile) {
  auto it = kept.find(value);
  if (it == kept.end())
    return std::nullopt;
  const TimedBuffer &buffer = timeline.buffers[static_cast<size_t>(it->second)];
  LocalTensor view = viewIn(0, buffer.box, buffer.type, tile.out);
  if (!op.storesPlainly() || op.results[0].shape != buffer.box.shape() || op.results[0].type != buffer.type ||
      op.resultBytes(0, tile) > view.bytesPerLane() || !isSameTensor(op.resultBuffer(0, tile, view.offset), view))
    return std::nullopt;
  return BufferRef{it->second, false, tile.out};
}

void TimelineBuilder::addGlobal(int node) {
  for (int value : network.nodes[static_cast<size_t>(node)].operands)
    if (value >= 0)
      timeline.isInMemory[static_cast<size_t>(value)] = true;
  TimedStep step;
  step.node = node;
  step.group = group;
  step.value = network.nodes[static_cast<size_t>(node)].result;
  int64_t bytes = network.global(network.nodes[static_cast<size_t>(node)].result).bytes();
  if (network.nodes[static_cast<size_t>(node)].kind == NodeKind::Global)
    step.cycles = bytes / 13; // there and back at 26 bytes per cycle
  timeline.steps.push_back(std::move(step));
}

int TimelineBuilder::addStep(TimedStep step) {
  int position = static_cast<int>(timeline.steps.size());
  if (int64_t bytes = step.op->scratchBytes(step.tile))
    step.scratch = addBuffer(bytes);
  auto bufferOf = [&](int index) -> TimedBuffer & { return timeline.buffers[static_cast<size_t>(index)]; };
  if (step.resident >= 0)
    step.fillsResident = bufferOf(step.resident).last < 0;
  for (const BufferRef &operand : step.operands)
    bufferOf(operand.buffer).use(position);
  for (int buffer : {step.result.buffer, step.scratch, step.resident})
    if (buffer >= 0)
      bufferOf(buffer).use(position);
  step.group = group;
  timeline.steps.push_back(std::move(step));
  return position;
}

llvm::Error TimelineBuilder::addGroup(const GroupSpec &spec) {
  timeline.groupBegin.push_back(static_cast<int>(timeline.steps.size()));
  const NetworkNode &head = network.nodes[static_cast<size_t>(spec.first)];
  if (spec.count == 1 && head.kind != NodeKind::Tiled) {
    addGlobal(spec.first);
    return llvm::Error::success();
  }
  return spec.tiling ? ChainBuilder(*this, spec).run() : SliceBuilder(*this, spec).run();
}

void TimelineBuilder::finish() {
  timeline.groupBegin.push_back(static_cast<int>(timeline.steps.size()));
  for (auto [value, known] : llvm::enumerate(network.values))
    if (known.isResult)
      timeline.isInMemory[value] = true;
  llvm::erase_if(timeline.stores,
                 [&](const TimedStore &store) { return !timeline.isInMemory[static_cast<size_t>(store.value)]; });
  // A stored buffer is taken until its store is emitted, before the step after.
  for (const TimedStore &store : timeline.stores)
    timeline.buffers[static_cast<size_t>(store.from.buffer)].use(store.step + 1);
  llvm::stable_sort(timeline.loads, [](const TimedLoad &a, const TimedLoad &b) { return a.step < b.step; });
}

llvm::Expected<Timeline> TimelineBuilder::build() {
  timeline.isInMemory.assign(network.values.size(), false);
  for (const GroupSpec &spec : plan.groups) {
    if (llvm::Error error = addGroup(spec))
      return error;
    ++group;
  }
  finish();
  return std::move(timeline);
}

llvm::Expected<Timeline> TimelineBuilder::buildSample(const GroupSpec &spec) {
  isSample = true;
  timeline.isInMemory.assign(network.values.size(), true);
  if (llvm::Error error = addGroup(spec))
    return error;
  finish();
  return std::move(timeline);
}
