// address-assign: addresses of weights and tensors in global memory, written as the encoding of their types.
#include "MemoryPlanner.h"
#include "ModuleState.h"
#include "tpu_mlir/Dialect/Top/IR/TopOps.h"
#include "tpu_mlir/Dialect/Top/IR/TopUtils.h"
#include "tpu_mlir/Dialect/Tpu/IR/TpuOps.h"
#include "tpu_mlir/Dialect/Tpu/Transforms/Passes.h"
#include "tpu_mlir/Interfaces/PlacementInterface.h"
#include "tpu_mlir/Target/BM1684X/Machine.h"

namespace tpu_mlir::tpu {
#define GEN_PASS_DEF_ADDRESSASSIGN
#include "tpu_mlir/Dialect/Tpu/Transforms/Passes.h.inc"
} // namespace tpu_mlir::tpu

using namespace mlir;
using namespace tpu_mlir;

namespace {
constexpr int64_t page = 4096;

int64_t bytesOf(Value value) {
  auto type = cast<RankedTensorType>(value.getType());
  return type.getNumElements() * static_cast<int64_t>(byteSize(top::elementTypeOf(type.getElementType())));
}

bool isTensor(Value value) { return isa<RankedTensorType>(value.getType()); }

void setAddress(Value value, int64_t address) {
  auto type = cast<RankedTensorType>(value.getType());
  Attribute encoding = IntegerAttr::get(IntegerType::get(value.getContext(), 64), address);
  value.setType(RankedTensorType::get(type.getShape(), type.getElementType(), encoding));
}

/// Which values share memory: a forest in which every value names the value that it lies in and its byte offset there.
class Sharing {
public:
  struct Place {
    Value root;
    int64_t offset;
  };

  Place find(Value value) const {
    auto it = parents.find(value);
    if (it == parents.end())
      return {value, 0};
    Place up = find(it->second.root);
    return {up.root, up.offset + it->second.offset};
  }
  void put(Value value, Value into, int64_t offset) { parents[value] = {into, offset}; }

private:
  llvm::DenseMap<Value, Place> parents;
};

class Assigner {
public:
  Assigner(func::FuncOp function, bool reuse) : function(function), reuse(reuse) {}

  /// Places everything; `start` is the address behind the weights. Returns the bytes used.
  int64_t run(int64_t start) {
    Block &block = function.getBody().front();
    for (auto [index, op] : llvm::enumerate(block))
      position[&op] = static_cast<int64_t>(index) + 1;
    for (Operation &op : block)
      share(&op);
    collect(block);
    int64_t used = tpu::placeBuffers(buffers, page, reuse);
    for (auto [value, place] : places)
      setAddress(value, start + buffers[place.first].offset + place.second);
    return used;
  }

private:
  bool ownsMemory(Value value) const { return isTensor(value) && !value.getDefiningOp<top::WeightOp>(); }

  void share(Operation *op) {
    auto placed = dyn_cast<PlacementInterface>(op);
    if (!placed || op->getNumResults() != 1)
      return;
    Placement placement = placed.placement();
    Value result = op->getResult(0);
    if (placement.kind == Placement::View && ownsMemory(op->getOperand(placement.operand)))
      sharing.put(result, op->getOperand(placement.operand), placement.byteOffset);
    if (placement.kind != Placement::Assembled)
      return;
    for (auto [operand, offset] : llvm::zip(op->getOperands(), placement.offsets)) {
      if (offset < 0 || !ownsMemory(operand) || isa<BlockArgument>(operand))
        continue;
      // The operand's memory moves into the result's, unless it is part of something larger or there already.
      Sharing::Place at = sharing.find(operand);
      if (at.offset != 0 || isa<BlockArgument>(at.root) || at.root == sharing.find(result).root ||
          bytesOf(at.root) != bytesOf(operand))
        continue;
      sharing.put(at.root, result, offset);
    }
  }

  /// One buffer per root, alive from the first definition to the last use of anything inside of it.
  void collect(Block &block) {
    llvm::DenseMap<Value, size_t> indexOf;
    auto touch = [&](Value value, int64_t first, int64_t last) {
      Sharing::Place place = sharing.find(value);
      auto [it, isNew] = indexOf.try_emplace(place.root, buffers.size());
      if (isNew)
        buffers.push_back({bytesOf(place.root), first, last});
      tpu::Buffer &buffer = buffers[it->second];
      buffer.first = std::min(buffer.first, first);
      buffer.last = std::max(buffer.last, last);
      places.push_back({value, {it->second, place.offset}});
    };
    auto lastUse = [&](Value value, int64_t from) {
      for (Operation *user : value.getUsers())
        if (Operation *at = block.findAncestorOpInBlock(*user))
          from = std::max(from, position[at]);
      return from;
    };
    for (Value argument : block.getArguments())
      touch(argument, 0, lastUse(argument, 0));
    for (Operation &op : block)
      for (Value result : op.getResults())
        if (ownsMemory(result))
          touch(result, position[&op], lastUse(result, position[&op]));
  }

  func::FuncOp function;
  bool reuse;
  Sharing sharing;
  llvm::DenseMap<Operation *, int64_t> position;
  std::vector<tpu::Buffer> buffers;
  std::vector<std::pair<Value, std::pair<size_t, int64_t>>> places;
};

struct AddressAssignPass : tpu::impl::AddressAssignBase<AddressAssignPass> {
  using AddressAssignBase::AddressAssignBase;

  LogicalResult checkOptions(ModuleOp module) {
    auto refuse = [&](StringRef option) {
      return emitError(module.getLoc()) << "address-assign: " << option << " is not supported; leave it out";
    };
    if (mergeWeight)
      return refuse("merge_weight");
    if (!iomemSet.empty())
      return refuse("iomem_set");
    if (!sameAddr.empty())
      return refuse("same_addr");
    if (!saveIOAloneConfig.empty() || !useIOAloneConfig.empty())
      return refuse("an io_alone address plan");
    return success();
  }

  /// Weights in the order in which they stand; a weight that two ops name is one op already.
  int64_t placeWeights(func::FuncOp function, int64_t address) {
    function.walk([&](top::WeightOp weight) {
      setAddress(weight.getOutput(), address);
      address += llvm::alignTo(bytesOf(weight.getOutput()), page);
    });
    return address;
  }

  /// The caller's values and both function types take the addresses of the function's arguments and results.
  void updateTypes(ModuleOp functions, func::FuncOp function) {
    Operation *terminator = function.getBody().front().getTerminator();
    function.setType(
        FunctionType::get(&getContext(), function.getBody().getArgumentTypes(), terminator->getOperandTypes()));
    functions.walk([&](func::CallOp call) {
      if (call.getCallee() != function.getSymName())
        return;
      for (auto [operand, type] : llvm::zip(call.getOperands(), function.getArgumentTypes()))
        operand.setType(type);
      for (auto [result, type] : llvm::zip(call.getResults(), function.getResultTypes()))
        result.setType(type);
      auto caller = call->getParentOfType<func::FuncOp>();
      caller.setType(FunctionType::get(&getContext(), caller.getArgumentTypes(),
                                       caller.getBody().front().getTerminator()->getOperandTypes()));
    });
  }

  void runOnOperation() override {
    ModuleOp module = getOperation();
    if (failed(tpu::requireState(module, "address-assign", {"TPU_DIVIDED"})) || failed(checkOptions(module)))
      return signalPassFailure();
    ModuleOp functions = tpu::functionModule(module);
    SmallVector<func::FuncOp> compute = tpu::computeFunctions(module);
    if (compute.size() != 1) {
      emitError(module.getLoc(), "address-assign: expected one function made by subnet-divide");
      return signalPassFailure();
    }
    int64_t base = static_cast<int64_t>(bm1684x::globalBase);
    int64_t coeffEnd = placeWeights(compute.front(), base);
    int64_t used = Assigner(compute.front(), reuseAddr).run(coeffEnd);
    updateTypes(functions, compute.front());
    Builder builder(&getContext());
    functions->setAttr("module.coeff_addr", builder.getI64IntegerAttr(base));
    functions->setAttr("module.coeff_size", builder.getI64IntegerAttr(coeffEnd - base));
    functions->setAttr("module.dynamic_coeff_offset", builder.getI64IntegerAttr(coeffEnd - base));
    functions->setAttr("module.neuron_addr", builder.getI64IntegerAttr(coeffEnd));
    functions->setAttr("module.neuron_size", builder.getI64IntegerAttr(used));
    tpu::setState(module, "TPU_ADDRESSED");
  }
};
} // namespace
