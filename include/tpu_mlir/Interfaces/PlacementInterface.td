// How results are placed in global and local memory; attached by the code generation room, used by layer-group and
// address-assign.
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
      "::tpu_mlir::Placement", "placement", (ins), "", [{ return ::tpu_mlir::Placement::own(); }]>,
    InterfaceMethod<[{
      Whether the result can stay in local memory, tile by tile, for an elementwise user: the op is computed in tiles of
      the result's own n, c, h, w.
    }], "bool", "startsGroup", (ins), "", [{ return false; }]>,
    InterfaceMethod<[{
      Whether a tile of the result needs just the same tile of the operand, so that the op may follow the operand's
      producer in a group. Operand and result have equal shapes then.
    }], "bool", "followsOperand", (ins "unsigned":$operand), "", [{ return false; }]>,
  ];
}
#endif
