// Reads a function into nodes and values.
#include "tpu_mlir/Codegen/Network.h"

#include "tpu_mlir/Codegen/CodegenInterface.h"
#include "tpu_mlir/Dialect/Top/IR/TopOps.h"
#include "tpu_mlir/Dialect/Top/IR/TopUtils.h"
#include "tpu_mlir/Dialect/Tpu/IR/TpuOps.h"

#include "tpu_mlir/Target/BM1684X/Machine.h"

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::codegen;

namespace {

StringRef nameOf(Operation *op) { return op->getNumResults() ? top::nameOf(op->getResult(0)) : StringRef(); }

bool isTensor(Value value) { return isa<RankedTensorType>(value.getType()); }

bool hasEmptyTensor(Operation *op) {
  auto isEmpty = [](Type type) {
    auto ranked = dyn_cast<RankedTensorType>(type);
    return ranked && llvm::is_contained(ranked.getShape(), 0);
  };
  return llvm::any_of(op->getOperandTypes(), isEmpty) || llvm::any_of(op->getResultTypes(), isEmpty);
}

/// The tiled form of an op; null when it works on global memory.
FailureOr<std::unique_ptr<TiledOp>> formOf(Operation *op, const CodegenContext &context) {
  auto model = dyn_cast<CodegenInterface>(op);
  if (!model)
    return op->emitOpError() << "'" << nameOf(op) << "' has no code generation for bm1684x", failure();
  FailureOr<std::unique_ptr<TiledOp>> form = model.tile(context);
  if (succeeded(form) && *form && (*form)->name.empty())
    (*form)->name = nameOf(op).str();
  return form;
}

std::optional<Placement> placementOf(Operation *op) {
  if (auto placed = dyn_cast<PlacementInterface>(op))
    return placed.placement();
  return std::nullopt;
}

/// Where the operands of a concatenation of channels begin; empty for other axes.
std::vector<int64_t> channelOffsetsOf(tpu::ConcatOp op) {
  ArrayRef<int64_t> shape = cast<RankedTensorType>(op.getOutput().getType()).getShape();
  std::vector<int64_t> offsets;
  if (shape.size() < 2 || shape.size() > 4 || op.getAxis() != 1)
    return offsets;
  int64_t offset = 0;
  for (Value operand : op->getOperands()) {
    offsets.push_back(offset);
    offset += cast<RankedTensorType>(operand.getType()).getShape()[1];
  }
  return offsets;
}

} // namespace

CodegenContext Network::context() const {
  CodegenContext result;
  result.addresses = &addresses;
  return result;
}

FailureOr<std::unique_ptr<TiledOp>> Network::flatForm(int node, int64_t itemBytes) const {
  CodegenContext flat = context();
  flat.flatItem = itemBytes;
  return formOf(nodes[static_cast<size_t>(node)].op, flat);
}

LogicalResult Network::emitGlobal(int node, Assembler &assembler) const {
  Operation *op = nodes[static_cast<size_t>(node)].op;
  return cast<CodegenInterface>(op).emitGlobal(context(), assembler);
}

GlobalTensor Network::global(int value) const {
  return context().global(values[static_cast<size_t>(value)].value, ViewKind::Spatial);
}

namespace tpu_mlir::codegen {

class NetworkBuilder {
public:
  explicit NetworkBuilder(func::FuncOp function) : function(function) {}

  FailureOr<Network> run() {
    Block &block = function.getBody().front();
    for (BlockArgument argument : block.getArguments())
      addValue(argument);
    for (Operation &op : block) {
      auto group = dyn_cast<tpu::GroupOp>(op);
      if (failed(group ? addGroup(group) : addOp(&op)))
        return failure();
    }
    for (Value value : block.getTerminator()->getOperands())
      if (isTensor(value))
        network.values[static_cast<size_t>(indexOf(value))].isResult = true;
    network.addresses = isAddressed() ? std::move(real) : trialAddresses();
    for (NetworkNode &node : network.nodes)
      if (failed(addForms(node)))
        return failure();
    return std::move(network);
  }

private:
  /// Values stand 2^40 bytes apart, so that an address tells value and offset.
  static constexpr int valueBits = 40;

  int addValue(Value value) {
    int index = static_cast<int>(network.values.size());
    network.values.push_back({value, -1, false, false, {}});
    standIns[value] = static_cast<uint64_t>(index + 1) << valueBits;
    real.try_emplace(value, CodegenContext().addressOf(value));
    return index;
  }
  int indexOf(Value value) const { return static_cast<int>(standIns.lookup(value) >> valueBits) - 1; }
  /// `value` is the same tensor as `of`, from a byte offset on.
  void alias(Value value, Value of, int64_t offset = 0) {
    standIns[value] = standIns.lookup(of) + static_cast<uint64_t>(offset);
    real.try_emplace(value, real.lookup(of) + static_cast<uint64_t>(offset));
  }

  bool isAddressed() {
    return llvm::any_of(function.getBody().front().getTerminator()->getOperands(), [](Value value) {
      auto type = dyn_cast<RankedTensorType>(value.getType());
      return type && type.getEncoding();
    });
  }

  /// Every value has memory of its own, so that plans can be tried out before addresses are assigned.
  llvm::DenseMap<Value, uint64_t> trialAddresses() const {
    std::vector<uint64_t> begins;
    uint64_t end = bm1684x::globalBase;
    for (const NetworkValue &value : network.values) {
      begins.push_back(end);
      auto type = cast<RankedTensorType>(value.value.getType());
      uint64_t bytes = static_cast<uint64_t>(type.getNumElements()) * byteSize(elementTypeOf(type));
      end += llvm::alignTo(bytes + 1, 4096);
    }
    llvm::DenseMap<Value, uint64_t> result;
    for (auto [value, standIn] : standIns)
      result[value] = begins[(standIn >> valueBits) - 1] + (standIn & ((uint64_t{1} << valueBits) - 1));
    return result;
  }

  LogicalResult addGroup(tpu::GroupOp group) {
    int first = static_cast<int>(network.nodes.size());
    Operation *yield = group.getBody().front().getTerminator();
    if (yield->getNumOperands() != group->getNumResults())
      return group.emitOpError("does not yield as many values as it has results");
    // A result is where the group leaves it, whatever the types inside say.
    for (auto [result, inner] : llvm::zip(group->getResults(), yield->getOperands())) {
      real[inner] = CodegenContext().addressOf(result);
      if (auto store = inner.getDefiningOp<tpu::StoreOp>())
        real[store.getInput()] = real[inner];
    }
    for (Operation &op : group.getBody().front().without_terminator())
      if (failed(addOp(&op)))
        return failure();
    for (auto [result, inner] : llvm::zip(group->getResults(), yield->getOperands()))
      alias(result, inner);
    network.groups.push_back({first, static_cast<int>(network.nodes.size()) - first, group});
    return success();
  }

  LogicalResult addOp(Operation *op) {
    if (isa<top::NoneOp, func::ReturnOp>(op))
      return success();
    if (isa<top::WeightOp>(op)) {
      network.values[static_cast<size_t>(addValue(op->getResult(0)))].isParameter = true;
      return success();
    }
    if (isa<tpu::LoadOp, tpu::StoreOp>(op))
      return alias(op->getResult(0), op->getOperand(0)), success();
    std::optional<Placement> placement = placementOf(op);
    if (placement && placement->kind == Placement::View)
      return alias(op->getResult(0), op->getOperand(placement->operand), placement->byteOffset), success();
    return addNode(op);
  }

  LogicalResult addNode(Operation *op) {
    if (hasEmptyTensor(op))
      return op->emitOpError() << "'" << nameOf(op) << "' has an empty tensor, which the chip cannot work on";
    int index = static_cast<int>(network.nodes.size());
    NetworkNode node;
    node.op = op;
    node.name = nameOf(op).str();
    for (Value result : op->getResults())
      if (isTensor(result))
        network.values[static_cast<size_t>(addValue(result))].producer = index;
    node.result = op->getNumResults() ? indexOf(op->getResult(0)) : -1;
    if (failed(addOperands(node)))
      return failure();
    for (int value : node.operands)
      if (value >= 0) {
        auto &readers = network.values[static_cast<size_t>(value)].readers;
        if (readers.empty() || readers.back() != index)
          readers.push_back(index);
      }
    network.nodes.push_back(std::move(node));
    return success();
  }

  LogicalResult addOperands(NetworkNode &node) {
    CodegenContext planning;
    planning.addresses = &standIns;
    FailureOr<std::unique_ptr<TiledOp>> form = formOf(node.op, planning);
    if (failed(form))
      return failure();
    if (*form) {
      for (const TiledOperand &operand : (*form)->operands)
        node.operands.push_back(static_cast<int>(operand.global.address >> valueBits) - 1);
      return success();
    }
    auto concat = dyn_cast<tpu::ConcatOp>(node.op);
    node.kind = concat ? NodeKind::Assembled : NodeKind::Global;
    for (Value operand : node.op->getOperands())
      if (isTensor(operand))
        node.operands.push_back(indexOf(operand));
    auto isView = [&](Value operand) {
      const Value &root = network.values[static_cast<size_t>(indexOf(operand))].value;
      return cast<RankedTensorType>(root.getType()).getShape() !=
                 cast<RankedTensorType>(operand.getType()).getShape() ||
             standIns.lookup(operand) != standIns.lookup(root);
    };
    if (concat && llvm::none_of(concat->getOperands(), isView))
      node.channelOffsets = channelOffsetsOf(concat);
    return success();
  }

  LogicalResult addForms(NetworkNode &node) {
    if (node.kind != NodeKind::Tiled)
      return success();
    CodegenContext context = network.context();
    FailureOr<std::unique_ptr<TiledOp>> alone = formOf(node.op, context);
    if (failed(alone))
      return failure();
    node.alone = std::move(*alone);
    context.inGroup = true;
    FailureOr<std::unique_ptr<TiledOp>> member = formOf(node.op, context);
    if (succeeded(member) && *member && (*member)->operands.size() == node.operands.size())
      node.member = std::move(*member);
    return success();
  }

  func::FuncOp function;
  Network network;
  llvm::DenseMap<Value, uint64_t> standIns, real;
};

} // namespace tpu_mlir::codegen

FailureOr<Network> codegen::buildNetwork(func::FuncOp function) { return NetworkBuilder(function).run(); }
