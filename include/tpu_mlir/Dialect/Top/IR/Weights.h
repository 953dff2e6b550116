// The values of weights. A `top.Weight` op has a name (its location) and a type; the data are in the .npz file that the
// module names in `module.weight_file`. The store belongs to the TopDialect object of a context: it reads a file when
// the first value is asked for, keeps what passes add, and writes a new file on request.
#pragma once
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OpDefinition.h"
#include "tpu_mlir/Dialect/Top/IR/TopUtils.h"
#include "tpu_mlir/Support/Tensor.h"

#include "llvm/ADT/StringRef.h"

#include <memory>
#include <optional>
#include <string>

namespace tpu_mlir::top {

/// Safe for concurrent calls. Errors are diagnostics on the op concerned: a missing file or array, or an array whose
/// type or number of elements is not that of the op.
class WeightStore {
public:
  WeightStore();
  ~WeightStore();

  /// Where relative names of weight files are looked up; the current directory if never set.
  void setBaseDirectory(llvm::StringRef directory);
  std::string baseDirectory() const;

  /// Where `finish` writes; without it, `finish` writes nothing.
  void setOutputDirectory(std::optional<std::string> directory);

  /// Begin and end of a pipeline on a module (passes init and deinit). `finish` writes the weight file whose name
  /// follows from the module's state if the values, the name or the folder changed since `begin`.
  void begin(mlir::ModuleOp module);
  llvm::LogicalResult finish(mlir::ModuleOp module);

  /// The value, in the shape of the op's type. F16 and BF16 arrays, which files hold as uint16, get their type back.
  llvm::FailureOr<Tensor> read(WeightOp op);

  /// Makes the value known under the name; an existing one is replaced.
  void write(mlir::ModuleOp module, llvm::StringRef name, const Tensor &value);
  bool contains(mlir::ModuleOp module, llvm::StringRef name);

  /// Whether values were added or replaced since the module's file was read or saved.
  bool isDirty(mlir::ModuleOp module);

  /// Writes the values of all Weight ops of the module to `file` (temporary name and rename) and makes it the module's
  /// weight file; `file` may be relative to `directory`, whose name does not enter the attribute. Two ops of one name
  /// are one array.
  llvm::LogicalResult save(mlir::ModuleOp module, llvm::StringRef directory, llvm::StringRef file);

  /// Gives the module's values another file name without writing (a pass names the file it wants).
  void rename(mlir::ModuleOp module, llvm::StringRef file);

  /// Forgets everything that was read or added.
  void clear();

private:
  struct Impl;
  std::unique_ptr<Impl> impl;
};

/// NAME_STATE_CHIP[_MODE[_sym|_asym]]_weight.npz, as upstream composes it.
std::string weightFileName(mlir::ModuleOp module);

/// The store of the context.
WeightStore &weightStore(mlir::MLIRContext *context);

/// The value of a weight.
llvm::FailureOr<Tensor> readWeight(WeightOp op);
/// The value as doubles, whatever the float type.
llvm::FailureOr<std::vector<double>> readWeightAsDoubles(WeightOp op);
/// The integers that a shape operand holds (from any number type); fails silently if it does not follow from weights
/// and known shapes.
llvm::FailureOr<Shape> constantIntegers(mlir::Value value);

/// A new weight at the builder's insertion point. The name is made unique with a suffix _1, _2 … if it is in use.
/// `type` defaults to the tensor's own.
WeightOp createWeight(mlir::OpBuilder &builder, llvm::StringRef name, const Tensor &value,
                      mlir::RankedTensorType type = {});
/// The same from doubles, as f32.
WeightOp createWeightF32(mlir::OpBuilder &builder, llvm::StringRef name, llvm::ArrayRef<int64_t> shape,
                         llvm::ArrayRef<double> values);

} // namespace tpu_mlir::top
