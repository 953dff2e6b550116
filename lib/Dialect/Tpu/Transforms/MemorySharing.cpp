// Sharing of global memory between the values of a function.
#include "tpu_mlir/Dialect/Tpu/Transforms/MemorySharing.h"

#include "tpu_mlir/Dialect/Top/IR/TopOps.h"
#include "tpu_mlir/Dialect/Top/IR/TopUtils.h"
#include "tpu_mlir/Dialect/Tpu/IR/TpuOps.h"
#include "tpu_mlir/Interfaces/PlacementInterface.h"

using namespace mlir;
using namespace tpu_mlir;

Value tpu::valueOf(Value value) {
  while (Operation *op = value.getDefiningOp()) {
    if (isa<tpu::LoadOp, tpu::StoreOp>(op))
      value = op->getOperand(0);
    else if (auto group = dyn_cast<tpu::GroupOp>(op))
      value = group.getBody().front().getTerminator()->getOperand(cast<OpResult>(value).getResultNumber());
    else
      break;
  }
  return value;
}

int64_t tpu::bytesOf(Value value) {
  auto type = cast<RankedTensorType>(value.getType());
  return type.getNumElements() * static_cast<int64_t>(byteSize(top::elementTypeOf(type.getElementType())));
}

bool tpu::ownsMemory(Value value) {
  return isa<RankedTensorType>(value.getType()) && !value.getDefiningOp<top::WeightOp>();
}

tpu::MemorySharing::MemorySharing(func::FuncOp function) {
  function.walk([&](Operation *op) { share(op); });
}

tpu::MemorySharing::Place tpu::MemorySharing::find(Value value) const {
  auto it = parents.find(value);
  if (it == parents.end())
    return {value, 0};
  Place up = find(it->second.root);
  return {up.root, up.offset + it->second.offset};
}

void tpu::MemorySharing::share(Operation *op) {
  auto placed = dyn_cast<PlacementInterface>(op);
  if (!placed || op->getNumResults() != 1)
    return;
  Placement placement = placed.placement();
  Value result = op->getResult(0);
  if (placement.kind == Placement::View) {
    Value operand = valueOf(op->getOperand(placement.operand));
    if (ownsMemory(operand))
      parents[result] = {operand, placement.byteOffset};
  }
  if (placement.kind != Placement::Assembled)
    return;
  for (auto [given, offset] : llvm::zip(op->getOperands(), placement.offsets)) {
    Value operand = valueOf(given);
    if (offset < 0 || !ownsMemory(operand) || isa<BlockArgument>(operand))
      continue;
    // The operand's memory moves into the result's, unless it is part of something larger or there already.
    Place at = find(operand);
    if (at.offset != 0 || isa<BlockArgument>(at.root) || at.root == find(result).root ||
        bytesOf(at.root) != bytesOf(operand))
      continue;
    parents[at.root] = {result, offset};
  }
}
