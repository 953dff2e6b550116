// Comparisons of AR selections and CMP, on storage bits.
#pragma once
#include "tpu_mlir/Kernels/Numerics.h"

namespace tpu_mlir::sim {

enum class Relation { Greater, Equal, Less };

/// holds[i] = a[i] rel b[i]. Floats: Greater compares flushed values and is false with NaN; Equal is equality of the
/// bits; Less is "neither greater nor equal in value or bits", hence true when exactly one side is NaN.
void compareBits(Relation relation, kernels::Precision precision, bool isSigned, const uint32_t *a, const uint32_t *b,
                 uint8_t *holds, int64_t count);

/// Denormal f32 and bf16 become zero of the same sign; other types are left alone.
uint32_t flushBits(kernels::Precision precision, uint32_t bits);

} // namespace tpu_mlir::sim
