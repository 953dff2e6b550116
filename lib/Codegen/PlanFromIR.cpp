// The way back from IR to a plan.
#include "tpu_mlir/Codegen/PlanFromIR.h"

#include "PlanCheck.h"
#include "tpu_mlir/Codegen/GroupIR.h"
#include "tpu_mlir/Dialect/Tpu/IR/TpuOps.h"

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::codegen;

PlanOptions codegen::planOptionsFromIR(func::FuncOp function) {
  PlanOptions options;
  auto written = function->getAttrOfType<DictionaryAttr>(optionsAttr);
  if (!written)
    return options;
  if (auto level = written.getAs<IntegerAttr>("opt"))
    options.level = static_cast<int>(level.getInt());
  if (auto budget = written.getAs<IntegerAttr>("budget"))
    options.budget = budget.getInt();
  if (auto overlap = written.getAs<BoolAttr>("overlap"))
    options.overlapGroups = overlap.getValue();
  return options;
}

namespace {

class PlanReader {
public:
  PlanReader(const Network &network, const PlanOptions &options) : network(network), options(options), forms(network) {}

  FailureOr<NetworkPlan> run() {
    NetworkPlan plan;
    int nodes = static_cast<int>(network.nodes.size());
    auto group = network.groups.begin();
    for (int node = 0; node < nodes;) {
      GroupSpec spec;
      spec.first = node;
      LogicalResult read = success();
      if (group != network.groups.end() && group->first == node) {
        spec.count = group->count;
        read = readGroup(cast<tpu::GroupOp>(group->op), spec);
        ++group;
      } else {
        read = readLone(network.nodes[static_cast<size_t>(node)], spec);
      }
      if (failed(read))
        return failure();
      node += spec.count;
      if (spec.count > 0)
        plan.groups.push_back(std::move(spec));
    }
    return failed(complete(plan)) ? FailureOr<NetworkPlan>(failure()) : plan;
  }

private:
  LogicalResult readLone(const NetworkNode &node, GroupSpec &spec) {
    if (node.kind != NodeKind::Tiled)
      return success();
    if (!node.op->hasAttr(tileAttr))
      return missing.push_back(spec.first), success();
    return readTiling(node.op, spec);
  }

  LogicalResult readGroup(tpu::GroupOp group, GroupSpec &spec) {
    if (group.getCsecs() != 1 || group.getDsecs() != 1)
      return group.emitOpError("is cut along c or d; bm1684x groups are cut along n, h and w here, and members by ")
             << channelsAttr;
    if (spec.count == 0)
      return group.emitOpError("has no ops");
    spec.nsecs = static_cast<int64_t>(group.getNsecs());
    spec.hsecs = static_cast<int64_t>(group.getHsecs());
    spec.wsecs = static_cast<int64_t>(group.getWsecs());
    spec.streams = group->hasAttr(streamsAttr);
    if (group->hasAttr(tileAttr)) {
      if (spec.nsecs != 1 || spec.hsecs != 1 || spec.wsecs != 1)
        return group.emitOpError() << "has slices and " << tileAttr << "; a chain is cut by its tiles only";
      return readTiling(group, spec);
    }
    return readSlices(group, spec);
  }

  LogicalResult readSlices(tpu::GroupOp group, GroupSpec &spec) {
    for (int i = 0; i < spec.count; ++i) {
      const NetworkNode &node = network.nodes[static_cast<size_t>(spec.first + i)];
      int64_t channels = 0;
      if (auto written = node.op->getAttrOfType<IntegerAttr>(channelsAttr))
        channels = written.getInt();
      if (channels < 0 || channels % 64 != 0)
        return node.op->emitOpError() << channelsAttr << " has to be a multiple of 64, or 0 for all, got " << channels;
      spec.channelTiles.push_back(channels);
      if (!node.member && node.kind == NodeKind::Tiled)
        return node.op->emitOpError() << "'" << node.name << "' cannot be a member of a group";
    }
    if (llvm::Error error = checkSections(network, spec))
      return group.emitOpError(llvm::toString(std::move(error)));
    return success();
  }

  LogicalResult readTiling(Operation *op, GroupSpec &spec) {
    auto sizes = op->getAttrOfType<ArrayAttr>(tileAttr);
    auto orderText = op->getAttrOfType<StringAttr>(orderAttr);
    std::optional<std::array<Axis, numAxes>> order =
        orderText ? orderOf(orderText.getValue()) : std::optional(Tiling().order);
    if (!order)
      return op->emitOpError() << orderAttr << " has to hold the letters N, C, H, W in any order, then K; got "
                               << orderText;
    if (!sizes || sizes.size() != numAxes ||
        !llvm::all_of(sizes, [](Attribute size) { return isa<IntegerAttr>(size); }))
      return op->emitOpError() << tileAttr << " has to hold five extents: n, c, h, w, k";
    Tiling tiling;
    tiling.order = *order;
    llvm::Expected<std::vector<ChainMember>> chain = chainOf(network, forms, spec.first, spec.count);
    if (!chain)
      return op->emitOpError(llvm::toString(chain.takeError()));
    for (auto [i, size] : llvm::enumerate(sizes))
      tiling.size[i] = cast<IntegerAttr>(size).getInt();
    if (llvm::Error error = checkTiling(*chain, tiling))
      return op->emitOpError() << tileAttr << " " << llvm::toString(std::move(error));
    spec.tiling = tiling;
    return success();
  }

  /// Tiles for the lone ops that have none.
  LogicalResult complete(NetworkPlan &plan) {
    if (missing.empty())
      return success();
    PlanOptions alone = options;
    alone.level = 0;
    llvm::Expected<NetworkPlan> searched = planNetwork(network, alone);
    if (!searched)
      return network.nodes[static_cast<size_t>(missing.front())].op->emitOpError(llvm::toString(searched.takeError()));
    llvm::DenseMap<int, const GroupSpec *> found;
    for (const GroupSpec &spec : searched->groups)
      if (spec.count == 1)
        found[spec.first] = &spec;
    for (GroupSpec &spec : plan.groups)
      if (llvm::is_contained(missing, spec.first) && found.contains(spec.first))
        spec = *found[spec.first];
    return success();
  }

  const Network &network;
  const PlanOptions &options;
  Forms forms;
  std::vector<int> missing; ///< lone nodes without tiles
};

} // namespace

FailureOr<NetworkPlan> codegen::planFromIR(const Network &network, const PlanOptions &options) {
  return PlanReader(network, options).run();
}

FailureOr<NetworkPlan> codegen::planFromIR(const Network &network) {
  if (network.nodes.empty())
    return NetworkPlan();
  auto function = network.nodes.front().op->getParentOfType<func::FuncOp>();
  return planFromIR(network, planOptionsFromIR(function));
}
