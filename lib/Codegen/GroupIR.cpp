// Writes a plan into IR: members, loads and stores of groups.
#include "tpu_mlir/Codegen/GroupIR.h"

#include "GroupInfo.h"
#include "tpu_mlir/Dialect/Top/IR/TopUtils.h"
#include "tpu_mlir/Dialect/Tpu/IR/TpuOps.h"
#include "tpu_mlir/Interfaces/PlacementInterface.h"

#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::codegen;

std::string codegen::orderText(const std::array<Axis, numAxes> &order) {
  std::string text;
  for (Axis axis : order)
    text += "NCHWK"[static_cast<size_t>(axis)];
  return text;
}

std::optional<std::array<Axis, numAxes>> codegen::orderOf(StringRef text) {
  std::array<Axis, numAxes> order;
  if (text.size() != numAxes)
    return std::nullopt;
  for (auto [i, letter] : llvm::enumerate(text)) {
    size_t axis = StringRef("NCHWK").find(letter);
    if (axis == StringRef::npos || text.count(letter) != 1)
      return std::nullopt;
    order[i] = static_cast<Axis>(axis);
  }
  return order.back() == Axis::K ? std::optional(order) : std::nullopt;
}

namespace {

/// The operand that a view shows; null for other ops.
Value viewed(Operation *op) {
  auto placed = dyn_cast_or_null<PlacementInterface>(op);
  if (!placed)
    return {};
  Placement placement = placed.placement();
  return placement.kind == Placement::View ? op->getOperand(placement.operand) : Value();
}

/// Whether the value is a weight or shows one.
bool isParameter(Value value) {
  while (Value next = viewed(value.getDefiningOp()))
    value = next;
  return isWeight(value);
}

void setTiling(Operation *op, const Tiling &tiling) {
  Builder builder(op->getContext());
  op->setAttr(tileAttr, builder.getI64ArrayAttr(tiling.size));
  op->setAttr(orderAttr, builder.getStringAttr(orderText(tiling.order)));
}

/// Makes one group.
class GroupWriter {
public:
  GroupWriter(const Network &network, const GroupSpec &spec, const GroupPlacement *placement)
      : network(network), spec(spec), placement(placement) {
    for (int i = 0; i < spec.count; ++i)
      members.insert(nodeOf(i).op);
  }

  void write() {
    Operation *last = members.back();
    SmallVector<Value> outputs;
    for (Operation *member : members)
      for (Value result : member->getResults())
        if (leaves(result))
          outputs.push_back(result);
    Value none = top::noneFor(last);
    Operation *group = makeGroup(last, outputs);
    OpBuilder inside = OpBuilder::atBlockEnd(body);
    for (auto [index, member] : llvm::enumerate(members))
      addMember(inside, member, index, none, outputs);
    SmallVector<Value> yielded;
    for (Value output : outputs)
      yielded.push_back(stores.lookup(output));
    inside.create(OperationState(group->getLoc(), tpu::YieldOp::getOperationName(), yielded, {}, {}));
    for (auto [output, result] : llvm::zip(outputs, group->getResults()))
      output.replaceUsesWithIf(result, [&](OpOperand &use) { return !group->isAncestor(use.getOwner()); });
    Operation *end = group;
    for (Value result : group->getResults())
      moveViews(result, group, end);
    eraseUnused();
    if (placement)
      setGroupInfo(cast<tpu::GroupOp>(group), network, *placement);
  }

private:
  const NetworkNode &nodeOf(int member) const { return network.nodes[static_cast<size_t>(spec.first + member)]; }

  /// Whether something outside of the group uses the value or a view of it.
  bool leaves(Value value) const {
    return llvm::any_of(value.getUsers(), [&](Operation *user) {
      if (members.contains(user))
        return false;
      return !viewed(user) || leaves(user->getResult(0));
    });
  }

  /// The member's result that the value is or shows; null for values from outside.
  Value innerOf(Value value) const {
    while (Operation *op = value.getDefiningOp()) {
      if (members.contains(op))
        return value;
      Value next = viewed(op);
      if (!next)
        break;
      value = next;
    }
    return {};
  }

  Operation *makeGroup(Operation *last, ArrayRef<Value> outputs) {
    llvm::SetVector<Value> inputs;
    for (Operation *member : members)
      for (Value operand : member->getOperands())
        if (isa<RankedTensorType>(operand.getType()) && !innerOf(operand) && !isParameter(operand))
          inputs.insert(operand);
    SmallVector<Location> locations;
    for (Value output : outputs)
      locations.push_back(output.getLoc());
    OpBuilder builder(last);
    Location location = locations.size() == 1 ? locations[0] : builder.getFusedLoc(locations);
    OperationState state(location, tpu::GroupOp::getOperationName(), inputs.getArrayRef(),
                         TypeRange(ValueRange(outputs)), {});
    for (auto [name, count] : {std::pair<StringRef, int64_t>("nsecs", spec.nsecs),
                               {"hsecs", spec.hsecs},
                               {"wsecs", spec.wsecs},
                               {"csecs", 1},
                               {"dsecs", 1},
                               {"swpipl_stage_num", 3},
                               {"group_type", 0}})
      state.addAttribute(name, builder.getI64IntegerAttr(count));
    body = new Block;
    state.addRegion()->push_back(body);
    Operation *group = builder.create(state);
    if (spec.tiling)
      setTiling(group, *spec.tiling);
    if (spec.streams)
      group->setAttr(streamsAttr, builder.getUnitAttr());
    return group;
  }

  void addMember(OpBuilder &inside, Operation *member, size_t index, Value none, ArrayRef<Value> outputs) {
    for (OpOperand &operand : member->getOpOperands())
      if (isa<RankedTensorType>(operand.get().getType()))
        operand.set(innerOf(operand.get()) ? shown(inside, operand.get()) : loaded(inside, operand.get()));
    member->moveBefore(body, body->end());
    if (!spec.tiling && index < spec.channelTiles.size() && spec.channelTiles[index] > 0)
      member->setAttr(channelsAttr, inside.getI64IntegerAttr(spec.channelTiles[index]));
    for (Value result : member->getResults())
      if (llvm::is_contained(outputs, result))
        stores[result] = inside
                             .create(OperationState(result.getLoc(), tpu::StoreOp::getOperationName(), {result, none},
                                                    {result.getType()}, {}))
                             ->getResult(0);
  }

  /// A member's result, or a view of one made again inside of the group.
  Value shown(OpBuilder &inside, Value value) {
    Operation *op = value.getDefiningOp();
    if (members.contains(op))
      return value;
    if (Value known = copies.lookup(value))
      return known;
    Value source = viewed(op);
    IRMapping mapping;
    mapping.map(source, shown(inside, source));
    oldViews.insert(op);
    return copies[value] = inside.clone(*op, mapping)->getResult(0);
  }

  Value loaded(OpBuilder &inside, Value value) {
    if (Value known = loads.lookup(value))
      return known;
    Location location = top::nameLoc(inside.getContext(), ("load_" + top::nameOf(value)).str());
    OperationState state(location, tpu::LoadOp::getOperationName(), {value}, {value.getType()}, {});
    state.addAttribute("lmem_type", inside.getI64IntegerAttr(isParameter(value) ? 0 : 1));
    return loads[value] = inside.create(state)->getResult(0);
  }

  /// Views of results that stand before the group go behind it, in order.
  void moveViews(Value value, Operation *group, Operation *&end) {
    SmallVector<Operation *> users;
    for (Operation *user : value.getUsers())
      if (user->getBlock() == group->getBlock() && user->isBeforeInBlock(group) && !llvm::is_contained(users, user))
        users.push_back(user);
    for (Operation *user : llvm::reverse(users)) {
      user->moveAfter(end);
      end = user;
      moveViews(user->getResult(0), group, end);
    }
  }

  void eraseUnused() {
    SmallVector<Operation *> views(oldViews.begin(), oldViews.end());
    for (bool erased = true; erased;) {
      erased = false;
      for (Operation *&view : views)
        if (view && view->use_empty()) {
          view->erase();
          view = nullptr;
          erased = true;
        }
    }
  }

  const Network &network;
  const GroupSpec &spec;
  const GroupPlacement *placement;
  llvm::SetVector<Operation *> members;
  Block *body = nullptr;
  llvm::DenseMap<Value, Value> loads, stores, copies;
  llvm::SetVector<Operation *> oldViews; ///< that were made again inside
};

} // namespace

void codegen::writePlan(func::FuncOp function, const Network &network, const NetworkPlan &plan,
                        const PlanOptions &options, ArrayRef<GroupPlacement> placements) {
  Builder builder(function.getContext());
  function->setAttr(optionsAttr, builder.getDictionaryAttr(
                                     {builder.getNamedAttr("opt", builder.getI64IntegerAttr(options.level)),
                                      builder.getNamedAttr("budget", builder.getI64IntegerAttr(options.budget)),
                                      builder.getNamedAttr("overlap", builder.getBoolAttr(options.overlapGroups))}));
  for (auto [index, spec] : llvm::enumerate(plan.groups)) {
    const NetworkNode &node = network.nodes[static_cast<size_t>(spec.first)];
    if (spec.count > 1 || (node.kind == NodeKind::Tiled && !spec.tiling))
      GroupWriter(network, spec, index < placements.size() ? &placements[index] : nullptr).write();
    else if (spec.tiling)
      setTiling(node.op, *spec.tiling);
  }
}
