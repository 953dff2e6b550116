// The interface through which ops become instructions; attached by the code generation room as external models, so that
// the dialect knows no chip.
#ifndef TPU_MLIR_CODEGEN_INTERFACE
#define TPU_MLIR_CODEGEN_INTERFACE
include "mlir/IR/OpBase.td"

def CodegenInterface : OpInterface<"CodegenInterface"> {
  let cppNamespace = "::tpu_mlir";
  let description = [{
    Either a tiled form (`tile`) or, for pure data movement, instructions on global memory (`emitGlobal`). An op whose
    result is a view of an operand needs neither.
  }];
  let methods = [
    InterfaceMethod<[{
      The tiled form of the op with the addresses of its values, or null when `emitGlobal` is to be used. An op that the
      chip cannot do is an error diagnostic.
    }], "::llvm::FailureOr<std::unique_ptr<::tpu_mlir::codegen::TiledOp>>", "tile",
      (ins "const ::tpu_mlir::codegen::CodegenContext &":$context), "",
      [{ return std::unique_ptr<::tpu_mlir::codegen::TiledOp>(); }]>,
    InterfaceMethod<[{
      Emits the op as moves in global memory; called when `tile` gave null. Moves that placement made unnecessary
      (source and destination address are equal) are left out.
    }], "::llvm::LogicalResult", "emitGlobal",
      (ins "const ::tpu_mlir::codegen::CodegenContext &":$context, "::tpu_mlir::bm1684x::Assembler &":$assembler), "",
      [{ return ::mlir::success(); }]>,
  ];
}
#endif
