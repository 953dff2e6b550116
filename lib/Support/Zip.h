// Zip archives on zlib, as far as .npz files need them: stored and deflated entries, 64-bit sizes and offsets. Used by
// the .npz reader and writer only. Sizes and offsets of a file are checked against the file before they are used.
#pragma once
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/raw_ostream.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tpu_mlir::zip {

struct Entry {
  std::string name;
  uint64_t compressedBytes = 0, bytes = 0, headerOffset = 0;
  uint32_t crc = 0;
  uint16_t method = 0, flags = 0;
};

/// An open archive and its directory. Errors are phrases that complete "'<file>' …".
class Reader {
public:
  static llvm::Expected<Reader> open(llvm::StringRef path);
  Reader(Reader &&other);
  ~Reader();

  llvm::ArrayRef<Entry> entries() const { return directory; }

  /// Decompressed bytes of one entry, front to back.
  class Stream {
  public:
    Stream(Stream &&);
    ~Stream();
    /// Exactly `bytes` bytes, or false where the data end early or are damaged.
    bool read(void *to, uint64_t bytes);
    /// True when everything has been read and the checksum is right.
    bool finish() const;

  private:
    friend class Reader;
    struct Impl;
    explicit Stream(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl;
  };
  llvm::Expected<Stream> openEntry(const Entry &entry) const;

private:
  Reader(llvm::sys::fs::file_t file, uint64_t fileBytes) : file(file), fileBytes(fileBytes) {}
  llvm::Error readDirectory();
  llvm::Error parseDirectory(llvm::StringRef bytes);

  llvm::sys::fs::file_t file;
  uint64_t fileBytes;
  std::vector<Entry> directory;
};

/// Writes entries one after the other to a file descriptor; the caller checks `os` for errors.
class Writer {
public:
  explicit Writer(llvm::raw_ostream &os) : os(os) {}
  /// An entry whose contents are the given parts in order. False where compression fails.
  bool add(llvm::StringRef name, llvm::ArrayRef<llvm::StringRef> parts, bool deflated);
  void finish();

private:
  llvm::raw_ostream &os;
  uint64_t offset = 0;
  std::vector<Entry> written;

  void put(llvm::StringRef bytes);
};

} // namespace tpu_mlir::zip
