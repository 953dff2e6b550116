// address-assign: addresses of weights and tensors in global memory, written as the encoding of their types.
#include "MemoryPlanner.h"
#include "tpu_mlir/Dialect/Top/IR/TopOps.h"
#include "tpu_mlir/Dialect/Top/IR/TopUtils.h"
#include "tpu_mlir/Dialect/Tpu/IR/TpuOps.h"
#include "tpu_mlir/Dialect/Tpu/Transforms/MemorySharing.h"
#include "tpu_mlir/Dialect/Tpu/Transforms/ModuleState.h"
#include "tpu_mlir/Dialect/Tpu/Transforms/Passes.h"
#include "tpu_mlir/Target/BM1684X/Machine.h"

namespace tpu_mlir::tpu {
#define GEN_PASS_DEF_ADDRESSASSIGN
#include "tpu_mlir/Dialect/Tpu/Transforms/Passes.h.inc"
} // namespace tpu_mlir::tpu

using namespace mlir;
using namespace tpu_mlir;

namespace {
constexpr int64_t page = 4096;

void setAddress(Value value, int64_t address) {
  auto type = cast<RankedTensorType>(value.getType());
  Attribute encoding = IntegerAttr::get(IntegerType::get(value.getContext(), 64), address);
  value.setType(RankedTensorType::get(type.getShape(), type.getElementType(), encoding));
}

class Assigner {
public:
  Assigner(func::FuncOp function, bool reuse) : function(function), reuse(reuse), sharing(function) {}

  /// Places everything; `start` is the address behind the weights. Returns the bytes used.
  int64_t run(int64_t start) {
    Block &block = function.getBody().front();
    for (Value argument : block.getArguments())
      define(argument, 0);
    int64_t position = 0;
    for (Operation &op : block)
      collect(op, ++position);
    int64_t used = tpu::placeBuffers(buffers, page, reuse);
    for (auto [value, place] : places)
      setAddress(value, start + buffers[place.first].offset + place.second);
    return used;
  }

private:
  /// An op of the function and, where it is a group, what is in it, at one position of time: slices of a group's inputs
  /// are read until slices of its last result are written. What a group does not store has no memory.
  void collect(Operation &op, int64_t position) {
    op.walk([&](Operation *inner) {
      for (Value operand : inner->getOperands())
        use(operand, position);
      bool isInMemory = inner == &op || isa<tpu::StoreOp>(inner);
      for (Value result : inner->getResults())
        if (isInMemory && tpu::ownsMemory(result))
          define(result, position);
    });
  }

  /// One buffer per root, alive from the first definition to the last use of anything inside of it.
  void define(Value value, int64_t position) {
    tpu::MemorySharing::Place place = sharing.find(tpu::valueOf(value));
    auto [it, isNew] = indexOf.try_emplace(place.root, buffers.size());
    if (isNew)
      buffers.push_back({tpu::bytesOf(place.root), position, position});
    buffers[it->second].last = std::max(buffers[it->second].last, position);
    places.push_back({value, {it->second, place.offset}});
  }

  void use(Value value, int64_t position) {
    if (!tpu::ownsMemory(value))
      return;
    if (auto it = indexOf.find(sharing.find(tpu::valueOf(value)).root); it != indexOf.end())
      buffers[it->second].last = std::max(buffers[it->second].last, position);
  }

  func::FuncOp function;
  bool reuse;
  tpu::MemorySharing sharing;
  llvm::DenseMap<Value, size_t> indexOf; ///< buffer of a root
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
      address += llvm::alignTo(tpu::bytesOf(weight.getOutput()), page);
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
