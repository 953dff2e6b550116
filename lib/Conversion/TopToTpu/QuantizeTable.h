// The quantize table: which ops are computed in another number type than the rest of the network.
#pragma once
#include "tpu_mlir/Support/Tensor.h"

#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/Error.h"

namespace tpu_mlir {

/// The element type of a mode word (F32, F16, BF16, INT8 as I8; letter case does not matter), or None.
ElementType typeOfMode(llvm::StringRef mode);

/// What a line asks for: the number type of values, and the bits of integer weights (0 for weights of that type).
struct TableMode {
  ElementType type = ElementType::None;
  int64_t weightBits = 0;
};

/// Lines `NAME MODE`; `#` starts a comment. Errors name the file and the line; a name that is not among `names` is one,
/// and the message has the most similar ones.
llvm::Expected<llvm::StringMap<TableMode>> readQuantizeTable(llvm::StringRef path, const llvm::StringSet<> &names);

} // namespace tpu_mlir
