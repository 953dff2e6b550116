// Registration of the code generation models of all Tpu ops.
#pragma once
namespace mlir {
class DialectRegistry;
}
namespace tpu_mlir {
/// Attaches PlacementInterface and CodegenInterface to the ops of the Tpu dialect.
void registerCodegenModels(mlir::DialectRegistry &registry);
} // namespace tpu_mlir
