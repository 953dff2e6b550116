// Op interfaces shared by the dialects; generated from OpInterfaces.td.
#pragma once
#include "mlir/IR/OpDefinition.h"
#include "tpu_mlir/Support/Tensor.h"

namespace tpu_mlir {
/// Whether first operand and first result, where both are ranked, have one shape; element types may differ.
llvm::LogicalResult verifySameShape(mlir::Operation *op);

/// An op that can apply a ReLU to its result (attributes `do_relu` and `relu_limit`).
template <typename ConcreteType>
class SupportFuseRelu : public mlir::OpTrait::TraitBase<ConcreteType, SupportFuseRelu> {};

/// An op whose first result has the shape of its first operand.
template <typename ConcreteType> class InOutSameShape : public mlir::OpTrait::TraitBase<ConcreteType, InOutSameShape> {
public:
  static llvm::LogicalResult verifyTrait(mlir::Operation *op) { return verifySameShape(op); }
};
} // namespace tpu_mlir

#include "tpu_mlir/Interfaces/OpInterfaces.h.inc"
