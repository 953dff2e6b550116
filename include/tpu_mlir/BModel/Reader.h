// Reads bmodel files. Every offset, size and count is checked before it is used; what is wrong is said in one sentence
// that starts with the file's name.
#pragma once
#include "tpu_mlir/BModel/BModel.h"
#include "llvm/Support/Error.h"

namespace tpu_mlir::bmodel {

/// A file as it was found: the model, and what the model's values do not tell.
struct File {
  Model model;
  bool isPageAligned = false; ///< weights start at multiples of 4096
  Blob flatbuffer;            ///< the verified FlatBuffers part
  Blob binarySection;
};

llvm::Expected<File> openFile(llvm::StringRef path);
/// The same from memory; `name` is used in messages.
llvm::Expected<File> parseFile(Blob bytes, llvm::StringRef name);

/// The model of a file.
llvm::Expected<Model> readModel(llvm::StringRef path);

/// All tables and fields of the FlatBuffers part as text.
std::string dumpTables(const File &file);

} // namespace tpu_mlir::bmodel
