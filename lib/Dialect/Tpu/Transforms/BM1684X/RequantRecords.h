// The per-channel records by which sums of byte products become bytes (see Codegen/BM1684X/Requantization.h).
#pragma once
#include "tpu_mlir/Dialect/Tpu/IR/TpuOps.h"
#include "tpu_mlir/Support/Tensor.h"

namespace tpu_mlir::bm1684x {

/// The factors of an op as its attributes give them: one value, or one per channel.
struct RequantFactors {
  tpu::RequantMode mode = tpu::RequantMode::OnlyScale;
  std::optional<mlir::ArrayAttr> scales;
  mlir::SmallVector<int64_t> multipliers, shifts; ///< shifts: positive right
};

/// [groups, 2, 1, channels / groups] of f32 {scale, offset}, where the offset takes bias and zero point in, or
/// [groups, 4, 1, channels / groups] of {multiplier, shift, zero point, bias}, shifts positive left. `bias` is none or
/// a weight of i32. Errors are diagnostics on the op.
mlir::FailureOr<Tensor> requantRecords(mlir::Operation *op, mlir::Value bias, const RequantFactors &factors,
                                       int64_t groups, int64_t channels);

} // namespace tpu_mlir::bm1684x
