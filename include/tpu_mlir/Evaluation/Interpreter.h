// Runs a module on the host, op by op, through InferenceInterface: Top or Tpu dialect, also after subnet division (a
// nested module whose main function calls sub-functions).
#pragma once
#include "mlir/IR/BuiltinOps.h"
#include "tpu_mlir/Support/Npz.h"
#include "tpu_mlir/Support/Tensor.h"

#include "llvm/ADT/StringMap.h"
#include "llvm/Support/LogicalResult.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace tpu_mlir {

/// An input or output of the network.
struct NetworkPort {
  std::string name;
  ElementType type;
  std::vector<int64_t> shape;
};

/// A user's function for top.Custom: appends one tensor per result to the last argument. Errors are diagnostics on the
/// op.
using CustomFunction = std::function<llvm::LogicalResult(mlir::Operation *op, llvm::ArrayRef<Tensor> operands,
                                                         llvm::SmallVectorImpl<Tensor> &results)>;

struct InvokeOptions {
  /// Called with every value as it is computed (inputs too), in order; weights are left out.
  std::function<void(llvm::StringRef name, const Tensor &value)> observer;
  /// Quantized values are given to the observer and returned as the real values they stand for, in f32.
  bool realValues = false;
  /// Values of the main function, by name, that are taken as they are (converted to the value's type; real values of
  /// quantized ones are quantized): ops that only they depend on are not run, and need no inputs.
  llvm::StringMap<Tensor> given;
  /// Names of the values of the main function that are computed and returned, in this order; ops that none of them
  /// depends on are not run. Empty: the network's outputs.
  std::vector<std::string> wanted;
  /// Evaluates user-defined ops; without it they are refused.
  CustomFunction custom;
};

/// A module made ready for evaluation: its weights are read once. Holds no other state, so that one interpreter can be
/// invoked from several threads. The module must outlive it and not change.
class ModuleInterpreter {
public:
  /// Errors (a weight that is missing, an op that has no evaluation, an unknown shape) are diagnostics on the op.
  static llvm::FailureOr<std::unique_ptr<ModuleInterpreter>> create(mlir::ModuleOp module);
  ~ModuleInterpreter();

  /// The network's inputs in the order of their ops, outputs in the order of the return. A value's name is its
  /// location.
  llvm::ArrayRef<NetworkPort> inputs() const;
  llvm::ArrayRef<NetworkPort> outputs() const;

  /// Evaluates. There is one tensor per input, of the input's shape; another number type is converted (real values of
  /// a quantized input with ties away from zero, as the cast that the input replaces). Gives the
  /// outputs in order, or the values that the options want. Errors are diagnostics.
  llvm::FailureOr<std::vector<NamedTensor>> invoke(const llvm::StringMap<Tensor> &inputs,
                                                   const InvokeOptions &options = {}) const;

  /// As above; gives every value that has a name, in the order of computation.
  llvm::FailureOr<std::vector<NamedTensor>> invokeAll(const llvm::StringMap<Tensor> &inputs) const;

private:
  struct Impl;
  explicit ModuleInterpreter(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl;
};

} // namespace tpu_mlir
