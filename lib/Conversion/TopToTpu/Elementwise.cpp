// Lowering of arithmetic with two tensors or a tensor and a constant: the Tpu ops have the same names and attributes.
#include "Lowering.h"

using namespace mlir;
using namespace tpu_mlir;

template <typename From, typename To> static void addSame(LoweringTable &table) {
  add<From>(table, [](From, Lowering &l) -> LogicalResult {
    auto operands = l.operands();
    if (failed(operands))
      return failure();
    return l.replace(To::getOperationName(), *operands, l.attributesWithout());
  });
}

void tpu_mlir::addElementwiseLowerings(LoweringTable &table) {
  addSame<top::AddOp, tpu::AddOp>(table);
  addSame<top::SubOp, tpu::SubOp>(table);
  addSame<top::MulOp, tpu::MulOp>(table);
  addSame<top::DivOp, tpu::DivOp>(table);
  addSame<top::MaxOp, tpu::MaxOp>(table);
  addSame<top::MinOp, tpu::MinOp>(table);
  addSame<top::AddConstOp, tpu::AddConstOp>(table);
  addSame<top::SubConstOp, tpu::SubConstOp>(table);
  addSame<top::MulConstOp, tpu::MulConstOp>(table);
  addSame<top::MaxConstOp, tpu::MaxConstOp>(table);
  addSame<top::MinConstOp, tpu::MinConstOp>(table);
}
