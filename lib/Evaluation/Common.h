// What the evaluators of both dialects share: access to operands, conversion to f32 and back to the result's type,
// attributes in the kernels' terms, and the wrapping of a function as an external model of InferenceInterface.
#pragma once
#include "tpu_mlir/Dialect/Top/IR/Quantization.h"
#include "tpu_mlir/Dialect/Top/IR/TopUtils.h"
#include "tpu_mlir/Interfaces/OpInterfaces.h"
#include "tpu_mlir/Kernels/Elementwise.h"
#include "tpu_mlir/Kernels/Numerics.h"
#include "tpu_mlir/Kernels/Quantization.h"
#include "tpu_mlir/Support/Tensor.h"

#include <optional>
#include <vector>

namespace tpu_mlir::evaluation {

using Extents = std::vector<int64_t>;

/// One evaluation: the op, its operands' tensors, its results.
class Call {
public:
  Call(mlir::Operation *op, llvm::ArrayRef<Tensor> operands, llvm::SmallVectorImpl<Tensor> &results)
      : op(op), operands(operands), results(results) {}

  mlir::Operation *const op;

  size_t operandCount() const { return operands.size(); }
  const Tensor &operand(size_t index) const { return operands[index]; }
  /// The tensor of an operand; empty for `none` or an absent optional operand.
  const Tensor &operand(mlir::Value value) const;
  /// The same as f32: real values where the operand's type is quantized.
  Tensor floats(size_t index) const;
  Tensor floats(mlir::Value value) const;

  Extents resultShape(size_t index = 0) const;
  /// The type of the result that is handed over next.
  ElementType resultType() const;
  /// Whether the op has result `index`: an optional one of type `none` is handed over as an empty Tensor.
  bool isWanted(size_t index) const;
  /// How an operand or the result that is handed over next is quantized; nothing for other types.
  std::optional<top::Quantization> operandQuantization(size_t index) const;
  std::optional<top::Quantization> resultQuantization() const;
  /// Room for a result, in f32.
  Tensor floatResult(size_t index = 0) const { return Tensor(ElementType::F32, resultShape(index)); }

  /// How `finish` rounds to a half type: as the unit that computes the op. Ties only, but those are common in
  /// arithmetic with small integers.
  kernels::RoundMode rounding = kernels::RoundMode::HalfEven;

  /// Hands over the next result, computed in f32 (several results: one call each, in order): it is rounded to the
  /// result's type, or quantized (halves to even).
  llvm::LogicalResult finish(Tensor value);
  /// The same after the op's fused ReLU.
  llvm::LogicalResult finish(Tensor value, const kernels::Limits &limits);
  /// Hands over a result that has its type already.
  llvm::LogicalResult finishAsIs(Tensor value);

  /// The evaluation is not possible; `reason` completes the op's name to a sentence.
  llvm::LogicalResult refuse(const llvm::Twine &reason) const;

private:
  llvm::ArrayRef<Tensor> operands;
  llvm::SmallVectorImpl<Tensor> &results;
};

/// Values converted to f32; f32 itself is shared, not copied.
Tensor toFloat(const Tensor &tensor);
/// The real values of a tensor of the given (quantized or plain) type, as f32.
Tensor realValues(const Tensor &tensor, mlir::Type type);
/// f32 values quantized; the storage has 8 bits.
Tensor quantized(const Tensor &tensor, const top::Quantization &quantization,
                 kernels::RoundMode mode = kernels::RoundMode::HalfEven);
kernels::ByteQuantization byteQuantization(const top::Quantization &quantization);
inline bool isByteType(ElementType type) { return type == ElementType::I8 || type == ElementType::U8; }
/// f32 values rounded to a float type.
Tensor fromFloat(const Tensor &tensor, ElementType type, kernels::RoundMode mode = kernels::RoundMode::HalfEven);
bool isFloatType(ElementType type);
/// The kernels' name of a float type.
kernels::Precision precisionOf(ElementType type);
/// Rounds f32 values to what the type can hold, halves to even, in place.
void roundToType(float *values, int64_t count, ElementType type);

/// Integers of a shape-like operand, whatever its type.
Extents integersOf(const Tensor &tensor);

/// The limits of a fused ReLU: none without do_relu, no upper one for a limit below zero.
kernels::Limits reluLimits(bool doRelu, const llvm::APFloat &limit);
template <typename OpTy> kernels::Limits reluLimits(OpTy op) { return reluLimits(op.getDoRelu(), op.getReluLimit()); }

/// A function as the model of one op.
template <typename OpTy, auto function>
struct FunctionModel : InferenceInterface::ExternalModel<FunctionModel<OpTy, function>, OpTy> {
  llvm::LogicalResult evaluate(mlir::Operation *op, llvm::ArrayRef<Tensor> operands,
                               llvm::SmallVectorImpl<Tensor> &results) const {
    Call call(op, operands, results);
    return function(llvm::cast<OpTy>(op), call);
  }
};
template <typename OpTy, auto function> void attach(mlir::MLIRContext &context) {
  OpTy::template attachInterface<FunctionModel<OpTy, function>>(context);
}

/// The families, one file each; both dialects' ops that share attributes are evaluated by one template.
void attachTopWindowModels(mlir::MLIRContext &context);
void attachTopActivationModels(mlir::MLIRContext &context);
void attachTopElementwiseModels(mlir::MLIRContext &context);
void attachTopMatrixModels(mlir::MLIRContext &context);
void attachTopLayoutModels(mlir::MLIRContext &context);
void attachTopQuantizeModels(mlir::MLIRContext &context);
void attachTopMathModels(mlir::MLIRContext &context);
void attachTopIntegerModels(mlir::MLIRContext &context); // those of Math on integers
void attachTopIndexingModels(mlir::MLIRContext &context);
void attachTopTensorModels(mlir::MLIRContext &context);
void attachTopEinsumModels(mlir::MLIRContext &context);
void attachTopRecurrentModels(mlir::MLIRContext &context);
void attachTopNormModels(mlir::MLIRContext &context);
void attachTopTrainingModels(mlir::MLIRContext &context);
void attachTopAttentionModels(mlir::MLIRContext &context);
void attachTopQuantModels(mlir::MLIRContext &context);
void attachTopImageModels(mlir::MLIRContext &context);
void attachTopDetectionModels(mlir::MLIRContext &context);
void attachTopSamplingModels(mlir::MLIRContext &context);
void attachTpuWindowModels(mlir::MLIRContext &context);
void attachTpuActivationModels(mlir::MLIRContext &context);
void attachTpuElementwiseModels(mlir::MLIRContext &context);
void attachTpuMatrixModels(mlir::MLIRContext &context);
void attachTpuLayoutModels(mlir::MLIRContext &context);
void attachTpuStructureModels(mlir::MLIRContext &context);

} // namespace tpu_mlir::evaluation
