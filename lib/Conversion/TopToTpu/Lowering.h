// The lowering of one op: what patterns use to convert operands and weights and to make Tpu ops. Patterns are functions
// in a table keyed by the Top op's name, grouped by family in one file each. An op may have a second pattern for 8-bit
// integers (Integer.h), which says for each instance whether it applies.
#pragma once
#include "RealResults.h"
#include "tpu_mlir/Dialect/Top/IR/Quantization.h"
#include "tpu_mlir/Dialect/Top/IR/TopOps.h"
#include "tpu_mlir/Dialect/Tpu/IR/TpuOps.h"
#include "tpu_mlir/Support/Tensor.h"

#include "mlir/IR/Builders.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"

#include <functional>
#include <optional>

namespace tpu_mlir {

/// State of one run of the pass: its choices, the casts and converted weights that exist already, the names in use.
class LoweringCache {
public:
  llvm::DenseMap<std::pair<mlir::Value, mlir::Type>, mlir::Value> converted;
  llvm::StringSet<> names;
  /// Ranges with negative values get a zero point.
  bool asymmetric = false;
  /// How integer convolutions and matrix products are rescaled.
  tpu::RequantMode quantMode = tpu::RequantMode::OnlyScale;
  RealResultRules realResults;
  /// Results of integer products that were left in f32 for their only reader.
  llvm::DenseSet<mlir::Value> real;

  /// `name`, with _1, _2 … if it is in use.
  std::string unique(llvm::StringRef name);
};

/// One op to be lowered: in the float type `type`, or in integers (see beginInteger).
class Lowering {
public:
  Lowering(mlir::Operation *op, ElementType type, LoweringCache &cache)
      : op(op), type(type), builder(op), cache(cache) {}

  mlir::Operation *const op;
  /// The float type of values; in integers f32, the type in which parameters stay.
  ElementType type;
  mlir::OpBuilder builder;

  /// From here on the op takes and gives 8-bit values: its result has `quantization`; operands keep their own, or are
  /// brought to `common` where it is given (weights too; without it they stay f32).
  void beginInteger(const top::Quantization &quantization, std::optional<top::Quantization> common = {});
  /// The same for an integer product whose result stays f32 (its scale then counts as 1).
  void beginIntegerWithRealResult();
  bool isInteger() const { return quantization.has_value(); }
  bool hasRealResult() const { return realResult; }
  const RealResultRules &realResultRules() const { return cache.realResults; }
  const top::Quantization &resultQuantization() const { return *quantization; }
  tpu::RequantMode quantMode() const { return cache.quantMode; }

  /// The 8-bit quantization of a value by its type or calibrated range; fails with a diagnostic if it has neither.
  llvm::FailureOr<top::Quantization> quantizationFor(mlir::Value value);
  /// The same for a range that is not a value's.
  top::Quantization quantizationFor(top::Range range) const;

  /// The element type of the op's result.
  mlir::Type elementType();
  /// The operand as the op takes it: a weight is converted (name `X_f16`), another value is cast where it differs (one
  /// cast per value and type). `none` stays. Fails with a diagnostic when a weight cannot be read.
  llvm::FailureOr<mlir::Value> operand(mlir::Value value);
  /// The same in a float type.
  llvm::FailureOr<mlir::Value> operand(mlir::Value value, ElementType wanted);
  /// The same in a quantization.
  llvm::FailureOr<mlir::Value> operand(mlir::Value value, const top::Quantization &wanted);
  /// A new weight beside the op, named after the op with `suffix`; `element` is its type where the tensor's is not it.
  mlir::Value weight(llvm::StringRef suffix, const Tensor &values, mlir::Type element = {});
  /// A `none` value.
  mlir::Value none();
  /// All operands as the op takes them.
  llvm::FailureOr<llvm::SmallVector<mlir::Value>> operands();

  /// Replaces the op by Tpu op `name`: same location, result shapes as before in the op's number type. `attributes` are
  /// completed with the defaults of the Tpu op.
  llvm::LogicalResult replace(llvm::StringRef name, mlir::ValueRange operands, mlir::NamedAttrList attributes);
  /// Puts a value in the place of the op's result. A float value where the network asks for a quantized one is cast.
  llvm::LogicalResult replaceBy(mlir::Value made);
  /// A Tpu op beside the op; `attributes` are completed with its defaults.
  mlir::Value create(llvm::StringRef name, mlir::ValueRange operands, mlir::Type result, mlir::NamedAttrList attributes,
                     mlir::Location location);
  /// The Top op's attributes without the named ones.
  mlir::NamedAttrList attributesWithout(llvm::ArrayRef<llvm::StringRef> names = {});
  /// The refusal of an op that the chip or this mode cannot do.
  llvm::LogicalResult refuse(const llvm::Twine &reason);

private:
  llvm::FailureOr<mlir::Value> convertWeight(mlir::Value value, mlir::Type element);
  llvm::FailureOr<mlir::Value> convert(mlir::Value value, mlir::Type element);

  LoweringCache &cache;
  std::optional<top::Quantization> quantization, common;
  bool realResult = false;
};

using LoweringFn = std::function<llvm::LogicalResult(Lowering &)>;
using LoweringTable = llvm::StringMap<LoweringFn>;

/// The families; each adds its ops to the table.
void addNNLowerings(LoweringTable &table);
void addActivationLowerings(LoweringTable &table);
void addElementwiseLowerings(LoweringTable &table);
void addShapeLowerings(LoweringTable &table);
void addQuantizeLinearLowerings(LoweringTable &table);

/// Adds a typed lowering function.
template <typename OpTy> void add(LoweringTable &table, std::function<llvm::LogicalResult(OpTy, Lowering &)> fn) {
  table[OpTy::getOperationName()] = [fn](Lowering &l) { return fn(llvm::cast<OpTy>(l.op), l); };
}

/// A cast of a value to an element type (through f32 between the two half types) at the builder's position; its name is
/// that of the value with a suffix for the type: _f16, _f32, _si8 for all of 8 bits.
mlir::Value castValue(mlir::OpBuilder &builder, mlir::Value value, mlir::Type element, LoweringCache &cache);

} // namespace tpu_mlir
