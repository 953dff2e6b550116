// Reading and writing .npz archives (zip files of NumPy .npy arrays) into and from host tensors. Files come from users:
// every size and offset is checked before it is used, and each error is one sentence that names the file and the array.
#pragma once
#include "tpu_mlir/Support/Tensor.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <memory>
#include <string>
#include <vector>

namespace tpu_mlir {

struct NamedTensor {
  std::string name;
  Tensor tensor;
};

/// An open archive. Opening reads the directory only; each array is read, decompressed and checked (CRC-32) when asked
/// for; several threads may do so at once.
class NpzReader {
public:
  static llvm::Expected<NpzReader> open(llvm::StringRef path);
  NpzReader(NpzReader &&);
  NpzReader &operator=(NpzReader &&);
  ~NpzReader();

  /// Array names in file order, without the suffix `.npy`.
  llvm::ArrayRef<std::string> names() const;
  bool contains(llvm::StringRef name) const;
  llvm::StringRef path() const;

  /// The array as a row-major tensor. f4, f2, u1, i1, i2, u2, i4, u4, i8 keep their type; f8 becomes F32, bool U8, u8
  /// I64 (an error where a value does not fit).
  llvm::Expected<Tensor> read(llvm::StringRef name) const;

private:
  struct Impl;
  explicit NpzReader(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl;
};

/// All arrays of a file, in file order.
llvm::Expected<std::vector<NamedTensor>> readNpz(llvm::StringRef path);

/// Writes an archive to a temporary name beside `path`; `finish` renames it. Without `finish` nothing is left behind.
/// F16 and BF16 are written as u2 (their bits), as everywhere in this project's files. Equal input gives equal bytes.
class NpzWriter {
public:
  enum class Compression { Stored, Deflated };
  static llvm::Expected<NpzWriter> create(llvm::StringRef path, Compression compression = Compression::Stored);
  NpzWriter(NpzWriter &&);
  NpzWriter &operator=(NpzWriter &&);
  ~NpzWriter();

  llvm::Error add(llvm::StringRef name, const Tensor &tensor);
  llvm::Error finish();

private:
  struct Impl;
  explicit NpzWriter(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl;
};

llvm::Error writeNpz(llvm::StringRef path, llvm::ArrayRef<NamedTensor> arrays,
                     NpzWriter::Compression compression = NpzWriter::Compression::Stored);

} // namespace tpu_mlir
