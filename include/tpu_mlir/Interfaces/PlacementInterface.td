// How results are placed in global memory; attached by the code generation room, used by address assignment.
#ifndef TPU_MLIR_PLACEMENT_INTERFACE
#define TPU_MLIR_PLACEMENT_INTERFACE
include "mlir/IR/OpBase.td"

def PlacementInterface : OpInterface<"PlacementInterface"> {
  let cppNamespace = "::tpu_mlir";
  let description = [{
    How the memory of an op's result relates to its operands'. An op without this interface has results in memory of
    their own.
  }];
  let methods = [
    InterfaceMethod<"Memory of its own, a view of one operand, or assembled from operands written in place.",
      "::tpu_mlir::Placement", "placement", (ins)>,
  ];
}
#endif
