// Gives the ops of both dialects the ability to be evaluated on the host.
#pragma once
#include "mlir/IR/DialectRegistry.h"

namespace tpu_mlir {

/// Attaches InferenceInterface to the ops of the Top and Tpu dialects. Top computes in f32; Tpu takes and gives the
/// number types of the chip, computes in f32 and rounds once where the chip does. Operands are the tensors of the op's
/// operands (empty for `none`), in the types and static shapes that the op states.
void registerInferenceModels(mlir::DialectRegistry &registry);

} // namespace tpu_mlir
