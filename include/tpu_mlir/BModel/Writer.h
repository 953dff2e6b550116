// Writes bmodel files: blobs at multiples of 4096, equal blobs once, the same bytes for the same model.
#pragma once
#include "tpu_mlir/BModel/BModel.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/Error.h"

namespace tpu_mlir::bmodel {

/// The bytes of the file. Fails when the model lacks what the format or the runtime needs.
llvm::Expected<llvm::SmallVector<uint8_t, 0>> serialize(const Model &model);

/// Writes to a temporary name beside `path` and renames it, so that no partial file is ever seen.
llvm::Error writeModel(const Model &model, llvm::StringRef path);

/// Writes any bytes in the same way.
llvm::Error writeBytes(llvm::ArrayRef<uint8_t> bytes, llvm::StringRef path);

/// SHA-256, the check code of weights.
std::vector<uint8_t> sha256(llvm::ArrayRef<uint8_t> bytes);

} // namespace tpu_mlir::bmodel
