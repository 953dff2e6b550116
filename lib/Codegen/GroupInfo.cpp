// Describes the placement of a group in the attributes of its ops, in upstream's terms.
#include "GroupInfo.h"

#include "tpu_mlir/Dialect/Top/IR/TopUtils.h"
#include "tpu_mlir/Dialect/Tpu/Transforms/MemorySharing.h"
#include "tpu_mlir/Interfaces/PlacementInterface.h"

#include <map>

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::codegen;

namespace {

/// The parts of an axis, in ascending order.
struct Parts {
  SmallVector<int64_t> index, size;
};

Parts partsOf(ArrayRef<Slice> slices, Range Slice::*axis) {
  SmallVector<std::pair<int64_t, int64_t>> ranges;
  for (const Slice &slice : slices)
    ranges.push_back({(slice.*axis).begin, (slice.*axis).size});
  llvm::sort(ranges);
  ranges.erase(llvm::unique(ranges), ranges.end());
  Parts parts;
  for (auto [begin, size] : ranges) {
    parts.index.push_back(begin);
    parts.size.push_back(size);
  }
  return parts;
}

enum Stage { loads = 0, computes = 1, stores = 2 };

class Describer {
public:
  Describer(tpu::GroupOp group, const Network &network, const GroupPlacement &placement)
      : group(group), network(network) {
    for (const MemberPlacement &member : placement.members)
      placed[network.nodes[static_cast<size_t>(member.node)].op] = &member;
    for (auto [index, value] : llvm::enumerate(network.values))
      values[value.value] = static_cast<int>(index);
  }

  void run() {
    int64_t id = 0;
    for (Operation &op : group.getBody().front().without_terminator())
      describe(&op, id++);
    Builder builder(group.getContext());
    SmallVector<int64_t> flow;
    for (auto [number, step] : llvm::enumerate(steps)) {
      flow.push_back(-static_cast<int64_t>(number) - 1);
      llvm::append_range(flow, step.second);
    }
    group->setAttr("flow", builder.getI64ArrayAttr(flow));
  }

private:
  void describe(Operation *op, int64_t id) {
    if (auto load = dyn_cast<tpu::LoadOp>(op))
      return describeLoad(load, id);
    Operation *source = op; // the member whose result is meant
    while (!placed.contains(source) && source->getNumOperands() > 0 && source->getOperand(0).getDefiningOp())
      source = source->getOperand(0).getDefiningOp();
    const MemberPlacement *member = placed.lookup(source);
    if (!member)
      return;
    bool isStore = isa<tpu::StoreOp>(op);
    const PlacedBuffer &buffer = member->result;
    bool isComputed = op == source;
    note(op, id, isStore ? stores : computes, buffer, member->resultSlices, true,
         isComputed ? member->scratch : PlacedBuffer());
    steps[isStore ? buffer.lastStep : buffer.firstStep].push_back(id);
  }

  void describeLoad(tpu::LoadOp load, int64_t id) {
    for (Operation *user : load.getOutput().getUsers()) {
      const MemberPlacement *member = placed.lookup(user);
      if (!member)
        continue;
      const NetworkNode &node = network.nodes[static_cast<size_t>(member->node)];
      int value = valueOf(load.getInput());
      for (size_t i = 0; i < member->loads.size() && i < node.operands.size(); ++i) {
        if (node.operands[i] != value)
          continue;
        SmallVector<Slice> slices;
        for (const std::vector<Slice> &operands : member->operandSlices)
          if (i < operands.size())
            slices.push_back(operands[i]);
        bool isAligned = !network.values[static_cast<size_t>(value)].isParameter;
        note(load, id, loads, member->loads[i], slices, isAligned);
        steps[member->loads[i].firstStep].push_back(id);
        return;
      }
    }
  }

  /// The number of a value or of what it is a view of, -1 for none.
  int valueOf(Value value) const {
    for (value = tpu::valueOf(value); !values.contains(value);) {
      auto view = dyn_cast_or_null<PlacementInterface>(value.getDefiningOp());
      if (!view || view.placement().kind != Placement::View)
        return -1;
      value = tpu::valueOf(view->getOperand(view.placement().operand));
    }
    return values.lookup(value);
  }

  void note(Operation *op, int64_t id, Stage stage, const PlacedBuffer &buffer, ArrayRef<Slice> slices, bool isAligned,
            const PlacedBuffer &scratch = {}) {
    Parts n = partsOf(slices, &Slice::n), c = partsOf(slices, &Slice::c), h = partsOf(slices, &Slice::h),
          w = partsOf(slices, &Slice::w);
    auto info = tpu::LayerGroupAttr::get(op->getContext(), buffer.offset, buffer.bytes, scratch.offset, scratch.bytes,
                                         isAligned,
                                         /*can_merge=*/false, /*in_hslice_offset=*/{}, n.index, n.size, c.index, c.size,
                                         {0}, {1}, h.index, h.size, w.index, w.size, id, stage, /*slice_idx=*/0,
                                         /*group_type=*/0);
    op->setAttr("ginfo", info);
  }

  tpu::GroupOp group;
  const Network &network;
  llvm::DenseMap<Operation *, const MemberPlacement *> placed;
  llvm::DenseMap<Value, int> values;
  std::map<int, SmallVector<int64_t>> steps; ///< ids of the ops of a time step
};

} // namespace

void codegen::setGroupInfo(tpu::GroupOp group, const Network &network, const GroupPlacement &placement) {
  Describer(group, network, placement).run();
}
