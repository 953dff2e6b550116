// Questions that the verifiers of the detection ops share. All of them emit one sentence and fail.
#pragma once
#include "ShapeRules.h"
#include "tpu_mlir/Dialect/Top/IR/TopDetection.h"

namespace tpu_mlir::top {

/// Attributes that are counts or sizes end here, so that products of several do not overflow.
constexpr int64_t largestCount = int64_t{1} << 24;
/// Operands and results of detection ops have no more elements.
constexpr int64_t largestElements = int64_t{1} << 36;

/// Integer attributes are read unsigned.
inline int64_t signedValue(uint64_t value) { return static_cast<int64_t>(value); }
/// Whether the attribute's value is a count from `smallest` on.
llvm::LogicalResult checkCount(mlir::Operation *op, llvm::StringRef name, int64_t value, int64_t smallest = 1);
/// Whether it is finite, and positive if it must be.
llvm::LogicalResult checkNumber(mlir::Operation *op, llvm::StringRef name, const llvm::APFloat &value,
                                bool positive = false);
/// Whether all values of an array are finite, and positive if they must be.
llvm::LogicalResult checkNumbers(mlir::Operation *op, llvm::StringRef name, mlir::ArrayAttr values, bool positive);
std::vector<double> doublesOf(mlir::ArrayAttr values);
/// Whether every operand has a rank of at least 1, no empty extent and no more elements than `largestElements`.
llvm::LogicalResult checkOperands(mlir::Operation *op);
/// The shape of a result unless it is too large.
llvm::FailureOr<Shape> bounded(mlir::Operation *op, Shape shape);
/// Whether a known result type is one of the two shapes; the first is the one to infer.
llvm::LogicalResult checkOneOf(mlir::Operation *op, llvm::ArrayRef<int64_t> first, llvm::ArrayRef<int64_t> second);

} // namespace tpu_mlir::top
