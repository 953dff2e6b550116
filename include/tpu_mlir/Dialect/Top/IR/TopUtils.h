// Small questions about values, types and attributes that the Top ops, the passes and the lowering ask: shapes, element
// types, names, constant operands. No pass logic here.
#pragma once
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/BuiltinTypes.h"
#include "tpu_mlir/Dialect/Top/IR/TopOps.h"
#include "tpu_mlir/Support/Tensor.h"

#include "llvm/ADT/SmallVector.h"

namespace tpu_mlir::top {

using Shape = llvm::SmallVector<int64_t>;

/// True for an operand made by top.None.
bool isNone(mlir::Value value);
/// A top.None usable at the op: the one that opens its function, made if there is none.
mlir::Value noneFor(mlir::Operation *op);
/// The op that makes the value, if it is top.Weight.
WeightOp weightOf(mlir::Value value);
/// Whether the value is a ranked tensor of known dimensions.
bool hasStaticShape(mlir::Value value);
/// The shape of a ranked tensor; empty for anything else.
llvm::ArrayRef<int64_t> shapeOf(mlir::Value value);
int64_t elementsOf(mlir::Value value);
int64_t product(llvm::ArrayRef<int64_t> shape);
/// The axis counted from the front, or -1 if it is not within a tensor of that rank.
int64_t normalizeAxis(int64_t axis, int64_t rank);

Shape i64Values(mlir::ArrayAttr attr);
/// As above; an absent or empty attribute gives `size` copies of `value`.
Shape i64ValuesOr(std::optional<mlir::ArrayAttr> attr, size_t size, int64_t value);

/// The numpy rules for operands of unequal shape; nullopt if they do not fit together.
std::optional<Shape> broadcastShapes(llvm::ArrayRef<Shape> shapes);

/// The storage type of a tensor's elements on the host: quantized types give their integer, `calibrated` ones their
/// expressed type. None for an element type that tensors cannot have.
ElementType elementTypeOf(mlir::Type type);
/// The MLIR type of a host tensor's elements (integers are signless or `ui`, as upstream writes them).
mlir::Type mlirTypeOf(ElementType type, mlir::MLIRContext *context);

/// The name by which a value is known in weight, output, calibration and quantize files: the name in its location (the
/// n-th of a fused location for the n-th result). Empty for an unknown location.
llvm::StringRef nameOf(mlir::Value value);
llvm::StringRef nameOf(mlir::Location location);
mlir::Location nameLoc(mlir::MLIRContext *context, llvm::StringRef name);

/// Whether the value is a result of its function, so that its name must stay.
bool isNetworkOutput(mlir::Value value);

/// The module that carries `module.weight_file` (the outermost one).
mlir::ModuleOp outerModule(mlir::Operation *op);

/// The result types of every op of the block by inferShapes, in order. Ops with regions infer these themselves.
llvm::LogicalResult inferBlockShapes(mlir::Block &block);
/// The result types of every op of the function, then the function's own result types.
llvm::LogicalResult inferFunctionShapes(mlir::Operation *function);

} // namespace tpu_mlir::top
