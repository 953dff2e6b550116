// Where a plan puts everything, for the attributes of IR and for people.
#include "Timeline.h"

#include "llvm/ADT/STLExtras.h"

using namespace tpu_mlir;
using namespace tpu_mlir::codegen;

namespace {

void unite(Range &range, Range other) {
  int64_t end = std::max(range.end(), other.end());
  range.begin = std::min(range.begin, other.begin);
  range.size = end - range.begin;
}

/// Slices by number; what a step adds to one is united with what was there.
void unite(std::vector<Slice> &slices, int number, const Slice &part) {
  if (static_cast<size_t>(number) >= slices.size()) {
    slices.resize(static_cast<size_t>(number) + 1, part);
    return;
  }
  Slice &slice = slices[static_cast<size_t>(number)];
  unite(slice.n, part.n);
  unite(slice.c, part.c);
  unite(slice.h, part.h);
  unite(slice.w, part.w);
}

class Placer {
public:
  Placer(const Network &network, const NetworkPlan &plan, const Timeline &timeline)
      : network(network), plan(plan), timeline(timeline), isLoaded(timeline.buffers.size(), false) {}

  std::vector<GroupPlacement> run() {
    for (const GroupSpec &spec : plan.groups) {
      GroupPlacement &group = groups.emplace_back();
      for (int node = spec.first; node < spec.first + spec.count; ++node) {
        MemberPlacement &member = group.members.emplace_back();
        member.node = node;
        member.loads.resize(network.nodes[static_cast<size_t>(node)].operands.size());
      }
    }
    for (const TimedLoad &load : timeline.loads)
      isLoaded[static_cast<size_t>(load.to.buffer)] = true;
    for (const TimedStep &step : timeline.steps)
      if (step.op)
        add(step);
    std::set<int> stored;
    for (const TimedStore &store : timeline.stores)
      stored.insert(store.value);
    for (GroupPlacement &group : groups)
      for (MemberPlacement &member : group.members)
        member.isStored = stored.count(network.nodes[static_cast<size_t>(member.node)].result) > 0;
    return std::move(groups);
  }

private:
  PlacedBuffer placed(const BufferRef &ref) const {
    const TimedBuffer &buffer = timeline.buffers[static_cast<size_t>(ref.buffer)];
    uint32_t offset = static_cast<uint32_t>(buffer.offset);
    if (!ref.isOwn)
      offset = viewIn(offset, buffer.box, buffer.type, ref.slice).offset;
    return {offset, buffer.bytes, buffer.first, buffer.last};
  }

  void add(const TimedStep &step) {
    GroupPlacement &group = groups[static_cast<size_t>(step.group)];
    MemberPlacement &member =
        group.members[static_cast<size_t>(step.node - plan.groups[static_cast<size_t>(step.group)].first)];
    bool isFirst = member.resultSlices.empty();
    unite(member.resultSlices, step.slice, step.tile.out);
    if (isFirst)
      member.result = placed(step.result);
    if (isFirst && step.scratch >= 0)
      member.scratch = placed({step.scratch, /*isOwn=*/true, {}});
    if (static_cast<size_t>(step.slice) >= member.operandSlices.size())
      member.operandSlices.resize(static_cast<size_t>(step.slice) + 1);
    auto &slices = member.operandSlices[static_cast<size_t>(step.slice)];
    for (unsigned i = 0; i < step.operands.size(); ++i) {
      Slice part = step.op->operandSlice(i, step.tile);
      unite(slices, static_cast<int>(i), part);
      if (isFirst && isLoaded[static_cast<size_t>(step.operands[i].buffer)])
        member.loads[i] = placed(step.operands[i]);
    }
  }

  const Network &network;
  const NetworkPlan &plan;
  const Timeline &timeline;
  std::vector<bool> isLoaded; ///< by buffer
  std::vector<GroupPlacement> groups;
};

} // namespace

llvm::Expected<std::vector<GroupPlacement>> codegen::placePlan(const Network &network, const NetworkPlan &plan,
                                                               const PlanOptions &options) {
  Forms forms(network);
  auto timeline = makeTimeline(network, forms, plan, options);
  if (!timeline)
    return timeline.takeError();
  return Placer(network, plan, *timeline).run();
}
