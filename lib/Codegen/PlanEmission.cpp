// From a packed timeline to instructions; which values stay in local memory between groups.
#include "Timeline.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FormatVariadic.h"

using namespace tpu_mlir;
using namespace tpu_mlir::codegen;

namespace {

class PlanEmitter {
public:
  PlanEmitter(const Network &network, const Timeline &timeline, Assembler &assembler)
      : network(network), timeline(timeline), assembler(assembler) {}

  llvm::Error run() {
    assembler.freeLocal = {0, 0};
    std::vector<const TimedLoad *> loads;
    for (const TimedLoad &load : timeline.loads)
      loads.push_back(&load);
    llvm::stable_sort(loads, [](const TimedLoad *a, const TimedLoad *b) { return a->issue < b->issue; });
    size_t nextLoad = 0, nextStore = 0;
    int steps = static_cast<int>(timeline.steps.size());
    for (int step = 0; step <= steps; ++step) {
      if (assembler.options.avoidPriceQuirks)
        assembler.scratch = freeAt(step - 1, step);
      // What was stored a moment ago can be loaded only behind the store.
      size_t firstStore = nextStore;
      while (nextStore < timeline.stores.size() && timeline.stores[nextStore].step < step)
        ++nextStore;
      auto stores = llvm::ArrayRef(timeline.stores).slice(firstStore, nextStore - firstStore);
      std::vector<const TimedLoad *> behind;
      for (; nextLoad < loads.size() && loads[nextLoad]->issue <= step; ++nextLoad) {
        const TimedLoad &now = *loads[nextLoad];
        if (llvm::any_of(stores, [&](const TimedStore &store) { return store.value == now.value; }))
          behind.push_back(&now);
        else
          load(now);
      }
      llvm::for_each(stores, [&](const TimedStore &now) { store(now); });
      llvm::for_each(behind, [&](const TimedLoad *now) { load(*now); });
      if (step < steps)
        if (llvm::Error error = compute(timeline.steps[static_cast<size_t>(step)]))
          return error;
    }
    return llvm::Error::success();
  }

private:
  /// The largest part of local memory that no buffer has from one step to another.
  Assembler::LocalWindow freeAt(int firstStep, int lastStep) const {
    llvm::SmallVector<std::pair<int64_t, int64_t>> taken;
    for (const TimedBuffer &buffer : timeline.buffers)
      if (buffer.offset >= 0 && buffer.first <= lastStep && firstStep <= buffer.last)
        for (int64_t copy = 0; copy < buffer.copies; ++copy) {
          int64_t begin = buffer.offset + copy * bm1684x::tableCopyStep;
          taken.push_back({begin, begin + buffer.bytes});
        }
    taken.push_back({bm1684x::laneBytes, bm1684x::laneBytes});
    llvm::sort(taken);
    Assembler::LocalWindow best{0, 0};
    int64_t end = 0;
    for (auto [begin, after] : taken) {
      if (begin - end > best.end - best.begin)
        best = {end, begin};
      end = std::max(end, after);
    }
    return best;
  }
  uint32_t offsetOf(int buffer) const {
    return static_cast<uint32_t>(timeline.buffers[static_cast<size_t>(buffer)].offset);
  }
  LocalTensor partOf(const BufferRef &ref) const {
    const TimedBuffer &buffer = timeline.buffers[static_cast<size_t>(ref.buffer)];
    return viewIn(offsetOf(ref.buffer), buffer.box, buffer.type, ref.slice);
  }

  /// A load belongs to the op that reads it first, a store to the op that made the value.
  void setContext(const TimedLoad &load) {
    auto step = static_cast<size_t>(load.step);
    if (!load.isPlain && !load.op->name.empty())
      assembler.setContext(load.op->name);
    else if (step < timeline.steps.size())
      assembler.setContext(network.nodes[static_cast<size_t>(timeline.steps[step].node)].name);
  }
  void setContext(const TimedStore &store) {
    if (int producer = network.values[static_cast<size_t>(store.value)].producer; producer >= 0)
      assembler.setContext(network.nodes[static_cast<size_t>(producer)].name);
  }

  void load(const TimedLoad &load) {
    setContext(load);
    if (load.isPlain)
      return loadTensor(assembler, partOf(load.to), codegen::partOf(network.global(load.value), load.slice));
    load.op->load(assembler, load.operand, load.slice, load.tile,
                  load.op->operandBuffer(load.operand, load.slice, load.tile, offsetOf(load.to.buffer)));
  }

  void store(const TimedStore &store) {
    setContext(store);
    if (store.isPlain)
      return storeTensor(assembler, codegen::partOf(network.global(store.value), store.slice), partOf(store.from));
    LocalTensor buffer =
        store.from.isOwn ? store.op->resultBuffer(0, store.tile, offsetOf(store.from.buffer)) : partOf(store.from);
    store.op->store(assembler, 0, store.tile, buffer);
  }

  llvm::Error compute(const TimedStep &step) {
    const NetworkNode &node = network.nodes[static_cast<size_t>(step.node)];
    assembler.setContext(node.name);
    if (!step.op) {
      int number = static_cast<int>(&step - timeline.steps.data());
      assembler.freeLocal = freeAt(number, number);
      bool isEmitted = succeeded(network.emitGlobal(step.node, assembler));
      assembler.freeLocal = {0, 0};
      if (!isEmitted)
        return llvm::createStringError(llvm::formatv("'{0}': no instructions for it", node.name));
      return llvm::Error::success();
    }
    TiledOp &op = *step.op;
    if (step.resident >= 0)
      op.resident = offsetOf(step.resident);
    if (step.fillsResident)
      op.emitOnce(assembler, op.resident);
    llvm::SmallVector<LocalTensor, 4> operands;
    // A chained operand is the result of the member before, as that made it.
    for (auto [i, ref] : llvm::enumerate(step.operands))
      operands.push_back(ref.isOwn ? ownOperand(step, static_cast<unsigned>(i), ref) : partOf(ref));
    LocalTensor result =
        step.result.isOwn ? op.resultBuffer(0, step.tile, offsetOf(step.result.buffer)) : partOf(step.result);
    if (!step.result.isOwn) // partial sums have another type
      result = op.resultBuffer(0, step.tile, result.offset);
    if (step.result.isOwn)
      made[step.result.buffer] = result;
    bool hasCopies = true;
    for (auto [i, ref] : llvm::enumerate(step.operands))
      hasCopies &= timeline.buffers[static_cast<size_t>(ref.buffer)].copies >= op.copies(static_cast<unsigned>(i));
    op.emit(assembler, step.tile, {operands, {result}, step.scratch >= 0 ? offsetOf(step.scratch) : 0, hasCopies});
    return llvm::Error::success();
  }

  LocalTensor ownOperand(const TimedStep &step, unsigned i, const BufferRef &ref) const {
    if (auto it = made.find(ref.buffer); it != made.end())
      return it->second;
    return step.op->operandBuffer(i, ref.slice, step.tile, offsetOf(ref.buffer));
  }

  const Network &network;
  const Timeline &timeline;
  Assembler &assembler;
  std::map<int, LocalTensor> made; ///< results by buffer
};

} // namespace

/// Drops values from `keep` until the rest fits.
static llvm::Expected<Timeline> packKeeping(const Network &network, Forms &forms, const NetworkPlan &plan,
                                            const PlanOptions &options, std::set<int> keep, int *failedGroup) {
  while (true) {
    size_t count = keep.size();
    TimelineBuilder builder(network, forms, plan, options, keep);
    auto timeline = builder.build();
    if (!timeline) {
      if (keep.size() == count && failedGroup)
        *failedGroup = builder.groupNumber();
      if (keep.size() == count)
        return timeline.takeError();
      llvm::consumeError(timeline.takeError());
      continue;
    }
    int stuck = -1;
    llvm::Error error = packTimeline(*timeline, options, &stuck);
    if (!error)
      return timeline;
    // The largest value that is kept over the group that did not fit.
    int begin = timeline->groupBegin[static_cast<size_t>(stuck)];
    int end = timeline->groupBegin[static_cast<size_t>(stuck) + 1];
    int worst = -1;
    int64_t most = 0;
    for (const TimedBuffer &buffer : timeline->buffers)
      if (buffer.isKept && buffer.first < end && buffer.last >= begin && buffer.bytes > most)
        most = buffer.bytes, worst = buffer.value;
    if (worst < 0) {
      if (failedGroup)
        *failedGroup = stuck;
      return error;
    }
    llvm::consumeError(std::move(error));
    keep.erase(worst);
  }
}

llvm::Expected<Timeline> codegen::makeTimeline(const Network &network, Forms &forms, const NetworkPlan &plan,
                                               const PlanOptions &options, int *stuck) {
  std::set<int> candidates;
  std::vector<int> groupOf(network.nodes.size());
  for (auto [g, spec] : llvm::enumerate(plan.groups))
    for (int node = spec.first; node < spec.first + spec.count; ++node)
      groupOf[static_cast<size_t>(node)] = static_cast<int>(g);
  for (auto [value, known] : llvm::enumerate(network.values)) {
    if (options.level == 0 || known.producer < 0 || known.readers.empty())
      continue;
    const NetworkNode &node = network.nodes[static_cast<size_t>(known.producer)];
    int from = groupOf[static_cast<size_t>(known.producer)], to = groupOf[static_cast<size_t>(known.readers.back())];
    if (!node.member || node.result != static_cast<int>(value) || from == to)
      continue;
    const GlobalTensor &result = node.member->results[0];
    int64_t bytes = LocalTensor::aligned(0, result.shape, result.type).bytesPerLane();
    if (bytes <= options.budget / 2 && result.isContiguous())
      candidates.insert(static_cast<int>(value));
  }
  return packKeeping(network, forms, plan, options, std::move(candidates), stuck);
}

llvm::Expected<int64_t> codegen::estimateCycles(const Network &network, const NetworkPlan &plan,
                                                const PlanOptions &options) {
  Forms forms(network);
  auto timeline = makeTimeline(network, forms, plan, options);
  if (!timeline)
    return timeline.takeError();
  return playTimeline(*timeline);
}

llvm::Error codegen::emitPlan(const Network &network, const NetworkPlan &plan, const PlanOptions &options,
                              Assembler &assembler) {
  Forms forms(network);
  auto timeline = makeTimeline(network, forms, plan, options);
  if (!timeline)
    return timeline.takeError();
  return PlanEmitter(network, *timeline, assembler).run();
}

llvm::Expected<PlayedPlan> codegen::playPlan(const Network &network, const NetworkPlan &plan,
                                             const PlanOptions &options,
                                             const bm1684x::AssemblerOptions &instructions) {
  Assembler assembler(instructions);
  if (llvm::Error error = emitPlan(network, plan, options, assembler))
    return error;
  llvm::Expected<bm1684x::Program> program = assembler.finish();
  if (!program)
    return program.takeError();
  llvm::Expected<bm1684x::Schedule> schedule = bm1684x::schedule(program->instructions);
  if (!schedule)
    return schedule.takeError();
  return PlayedPlan{std::move(*program), std::move(*schedule)};
}
