// The op interfaces that are part of an op's definition or attached to it by another room (see docs/architecture.md).
#ifndef TPU_MLIR_INTERFACES
#define TPU_MLIR_INTERFACES
include "mlir/IR/OpBase.td"

def SupportFuseRelu : NativeOpTrait<"SupportFuseRelu"> {
  let cppNamespace = "::tpu_mlir";
}
def InOutSameShape : NativeOpTrait<"InOutSameShape"> {
  let cppNamespace = "::tpu_mlir";
}

def ShapeInterface : OpInterface<"ShapeInterface"> {
  let cppNamespace = "::tpu_mlir";
  let description = [{ Computes result shapes from operand shapes and attributes. }];
  let methods = [
    InterfaceMethod<[{
      Sets the types of the results. Operands are ranked. May normalize attributes that depend on the shape
      (`auto_pad`, an empty `kernel_shape`). An impossible combination is an error diagnostic on the op.
    }], "::llvm::LogicalResult", "inferShapes", (ins)>,
  ];
}

def FlopsInterface : OpInterface<"FlopsInterface"> {
  let cppNamespace = "::tpu_mlir";
  let methods = [
    InterfaceMethod<"Operations of one evaluation; a multiply-add counts as two.", "int64_t", "getFLOPs", (ins)>,
  ];
}

def InferenceInterface : OpInterface<"InferenceInterface"> {
  let cppNamespace = "::tpu_mlir";
  let description = [{
    Evaluation of one op on the host. A pure function: tensors in, tensors out. Attached to the ops as external models by
    the Evaluation room, so the dialects do not depend on the kernels. An operand of type `none` is an empty Tensor.
  }];
  let methods = [
    InterfaceMethod<"Evaluates the op.", "::llvm::LogicalResult", "evaluate",
      (ins "::llvm::ArrayRef<::tpu_mlir::Tensor>":$operands,
           "::llvm::SmallVectorImpl<::tpu_mlir::Tensor> &":$results)>,
  ];
}
#endif
