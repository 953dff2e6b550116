// The lowering of one op: what patterns use to convert operands and weights and to make Tpu ops. Patterns are functions
// in a table keyed by the Top op's name, grouped by family in one file each.
#pragma once
#include "tpu_mlir/Dialect/Top/IR/TopOps.h"
#include "tpu_mlir/Dialect/Tpu/IR/TpuOps.h"
#include "tpu_mlir/Support/Tensor.h"

#include "mlir/IR/Builders.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/StringMap.h"

#include <functional>

namespace tpu_mlir {

/// State of one run of the pass: casts and converted weights that exist already.
class LoweringCache {
public:
  llvm::DenseMap<std::pair<mlir::Value, mlir::Type>, mlir::Value> converted;
};

/// One op to be lowered in the number type `type`.
class Lowering {
public:
  Lowering(mlir::Operation *op, ElementType type, LoweringCache &cache)
      : op(op), type(type), builder(op), cache(cache) {}

  mlir::Operation *const op;
  const ElementType type;
  mlir::OpBuilder builder;

  /// The op's element type as an MLIR type.
  mlir::Type elementType();
  /// The operand in the op's number type: a weight is converted (name `X_f16`), another value is cast where it differs.
  /// `none` stays. Fails with a diagnostic when a weight cannot be read.
  llvm::FailureOr<mlir::Value> operand(mlir::Value value);
  /// The same in another type.
  llvm::FailureOr<mlir::Value> operand(mlir::Value value, ElementType wanted);
  /// A new weight beside the op, named after the op with `suffix`.
  mlir::Value weight(llvm::StringRef suffix, const Tensor &values);
  /// A `none` value.
  mlir::Value none();
  /// All operands in the op's number type.
  llvm::FailureOr<llvm::SmallVector<mlir::Value>> operands();

  /// Replaces the op by Tpu op `name`: same location, result shapes as before in the op's number type. `attributes` are
  /// completed with the defaults of the Tpu op.
  llvm::LogicalResult replace(llvm::StringRef name, mlir::ValueRange operands, mlir::NamedAttrList attributes);
  /// A Tpu op beside the op; `attributes` are completed with its defaults.
  mlir::Value create(llvm::StringRef name, mlir::ValueRange operands, mlir::Type result, mlir::NamedAttrList attributes,
                     mlir::Location location);
  /// The Top op's attributes without the named ones.
  mlir::NamedAttrList attributesWithout(llvm::ArrayRef<llvm::StringRef> names = {});
  /// The refusal of an op that the chip or this mode cannot do.
  llvm::LogicalResult refuse(const llvm::Twine &reason);

private:
  LoweringCache &cache;
};

using LoweringFn = std::function<llvm::LogicalResult(Lowering &)>;
using LoweringTable = llvm::StringMap<LoweringFn>;

/// The families; each adds its ops to the table.
void addNNLowerings(LoweringTable &table);
void addActivationLowerings(LoweringTable &table);
void addElementwiseLowerings(LoweringTable &table);
void addShapeLowerings(LoweringTable &table);

/// Adds a typed lowering function.
template <typename OpTy> void add(LoweringTable &table, std::function<llvm::LogicalResult(OpTy, Lowering &)> fn) {
  table[OpTy::getOperationName()] = [fn](Lowering &l) { return fn(llvm::cast<OpTy>(l.op), l); };
}

/// Casts of a value between number types (through f32 between the two half types), made at the builder's position.
mlir::Value castValue(mlir::OpBuilder &builder, mlir::Value value, ElementType wanted);

} // namespace tpu_mlir
