// .npz archives on minizip (zlib's zip library): it walks the directory, inflates, checks CRCs and writes zip64 where
// needed; here the arrays inside are checked and converted.
#include "tpu_mlir/Support/Npz.h"

#include "Npy.h"

#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/FileSystem.h"

#include <cstring>
#include <minizip/unzip.h>
#include <minizip/zip.h>
#include <new>
#include <optional>

using namespace tpu_mlir;
using namespace tpu_mlir::npy;

namespace {

constexpr size_t maxNameBytes = 65535;        // zip's own limit
constexpr uint64_t maxDeflateRatio = 1032;    // of the deflate format
constexpr unsigned chunkBytes = 1u << 30;     // minizip counts in unsigned
constexpr uint64_t zip64Bytes = 0xff000000u;  // from here on an entry gets 64-bit sizes
constexpr uint32_t maxNpyHeaderBytes = 65535; // far above what NumPy writes for 32 dimensions
constexpr int flagUtf8Name = 1 << 11;
constexpr int madeByVersion = 0;

llvm::Error fileError(llvm::StringRef path, const llvm::Twine &what) {
  return llvm::createStringError("'" + path + "': " + what);
}

struct Unzip {
  void operator()(void *file) const { unzClose(file); }
};

struct Entry {
  unz64_file_pos position;
  uint64_t compressedBytes, bytes;
};

std::optional<Tensor> allocate(ElementType type, std::vector<int64_t> shape, size_t bytes) {
  auto *memory = new (std::nothrow) uint8_t[bytes + 64];
  if (!memory)
    return std::nullopt;
  return Tensor(type, std::move(shape), std::shared_ptr<uint8_t>(memory, std::default_delete<uint8_t[]>()));
}

bool readExactly(unzFile file, void *to, uint64_t bytes) {
  auto *out = static_cast<uint8_t *>(to);
  while (bytes > 0) {
    const int got = unzReadCurrentFile(file, out, static_cast<unsigned>(std::min<uint64_t>(bytes, chunkBytes)));
    if (got <= 0)
      return false;
    out += got;
    bytes -= got;
  }
  return true;
}

// Column-major to row-major.
void reorder(const uint8_t *from, uint8_t *to, const std::vector<int64_t> &shape, size_t elementBytes) {
  const int64_t rank = static_cast<int64_t>(shape.size());
  std::vector<int64_t> index(rank, 0), stride(rank, 1);
  int64_t count = rank ? shape[0] : 1;
  for (int64_t axis = 1; axis < rank; ++axis) {
    stride[axis] = stride[axis - 1] * shape[axis - 1];
    count *= shape[axis];
  }
  int64_t source = 0;
  for (int64_t i = 0; i < count; ++i) {
    std::memcpy(to + i * elementBytes, from + source * elementBytes, elementBytes);
    for (int64_t axis = rank - 1; axis >= 0; --axis) {
      source += stride[axis];
      if (++index[axis] < shape[axis])
        break;
      source -= stride[axis] * shape[axis];
      index[axis] = 0;
    }
  }
}

// Types the host does not have: f8 becomes F32, u8 becomes I64. Returns false where a value does not fit.
bool convertInto(Tensor &to, const Tensor &raw, Source source) {
  const int64_t count = to.elements();
  if (source == Source::F8) {
    const auto *in = reinterpret_cast<const double *>(raw.data<uint8_t>());
    auto *out = to.data<float>();
    for (int64_t i = 0; i < count; ++i)
      out[i] = static_cast<float>(in[i]);
    return true;
  }
  const auto *in = reinterpret_cast<const uint64_t *>(raw.data<uint8_t>());
  auto *out = to.data<int64_t>();
  for (int64_t i = 0; i < count; ++i) {
    if (in[i] > static_cast<uint64_t>(INT64_MAX))
      return false;
    out[i] = static_cast<int64_t>(in[i]);
  }
  return true;
}

} // namespace

struct NpzReader::Impl {
  std::string path;
  std::unique_ptr<void, Unzip> file;
  std::vector<std::string> names;
  llvm::StringMap<Entry> entries;

  llvm::Error arrayError(llvm::StringRef name, const llvm::Twine &what) const {
    return fileError(path, "array '" + name + "' cannot be read: " + what + ".");
  }
  llvm::Error readDirectory();
  llvm::Expected<Header> readHeader(uint64_t &bytesLeft);
  llvm::Expected<Tensor> readData(const Header &header, uint64_t bytesLeft);
};

llvm::Error NpzReader::Impl::readDirectory() {
  auto broken = [&] { return fileError(path, "the zip directory is damaged; the file is truncated or no .npz file."); };
  unz_global_info64 info;
  if (unzGetGlobalInfo64(file.get(), &info) != UNZ_OK)
    return broken();
  if (info.number_entry == 0)
    return llvm::Error::success();
  std::vector<char> buffer(maxNameBytes + 1);
  for (int status = unzGoToFirstFile(file.get()); status != UNZ_END_OF_LIST_OF_FILE;
       status = unzGoToNextFile(file.get())) {
    unz_file_info64 entry;
    Entry known;
    if (status != UNZ_OK ||
        unzGetCurrentFileInfo64(file.get(), &entry, buffer.data(), buffer.size(), nullptr, 0, nullptr, 0) != UNZ_OK ||
        unzGetFilePos64(file.get(), &known.position) != UNZ_OK)
      return broken();
    llvm::StringRef name(buffer.data(), std::min<size_t>(entry.size_filename, maxNameBytes));
    if (!name.consume_back(".npy"))
      continue;
    known.compressedBytes = entry.compressed_size;
    known.bytes = entry.uncompressed_size;
    if (!entries.try_emplace(name, known).second)
      return fileError(path, "it holds two arrays named '" + name + "'.");
    names.push_back(name.str());
  }
  return llvm::Error::success();
}

llvm::Expected<Header> NpzReader::Impl::readHeader(uint64_t &bytesLeft) {
  uint8_t fixed[12];
  if (bytesLeft < 10 || !readExactly(file.get(), fixed, 10) || std::memcmp(fixed, "\x93NUMPY", 6) != 0)
    return llvm::createStringError("it does not begin like a .npy array");
  uint32_t length = fixed[8] | fixed[9] << 8;
  bytesLeft -= 10;
  if (fixed[6] < 1 || fixed[6] > 3)
    return llvm::createStringError("its .npy version is unknown");
  if (fixed[6] > 1) {
    if (bytesLeft < 2 || !readExactly(file.get(), fixed + 10, 2))
      return llvm::createStringError("its header is truncated");
    length |= static_cast<uint32_t>(fixed[10]) << 16 | static_cast<uint32_t>(fixed[11]) << 24;
    bytesLeft -= 2;
  }
  std::string text(std::min(length, maxNpyHeaderBytes), '\0');
  if (length > maxNpyHeaderBytes || length > bytesLeft || !readExactly(file.get(), text.data(), length))
    return llvm::createStringError("its header is truncated");
  bytesLeft -= length;
  return parseHeader(text);
}

llvm::Expected<Tensor> NpzReader::Impl::readData(const Header &header, uint64_t bytesLeft) {
  const uint64_t bytes = header.elements * sourceBytes(header.source);
  if (bytes != bytesLeft)
    return llvm::createStringError("its shape needs " + llvm::Twine(bytes) + " bytes but the archive has " +
                                   llvm::Twine(bytesLeft));
  const bool convert = header.source == Source::F8 || header.source == Source::U8;
  std::vector<int64_t> rawShape = header.shape;
  if (convert)
    rawShape = {static_cast<int64_t>(bytes)};
  const ElementType rawType = convert ? ElementType::U8 : hostType(header.source);
  std::optional<Tensor> raw = allocate(rawType, rawShape, bytes);
  if (!raw)
    return llvm::createStringError("there is not enough memory for " + llvm::Twine(bytes) + " bytes");
  if (!readExactly(file.get(), raw->data<uint8_t>(), bytes))
    return llvm::createStringError("its data are truncated or damaged");
  if (unzCloseCurrentFile(file.get()) != UNZ_OK)
    return llvm::createStringError("its checksum is wrong, the file is damaged");
  const size_t outBytes = header.elements * byteSize(hostType(header.source));
  if (convert) {
    std::optional<Tensor> converted = allocate(hostType(header.source), header.shape, outBytes);
    if (!converted || !convertInto(*converted, *raw, header.source))
      return llvm::createStringError(converted ? "it holds an unsigned 64-bit value that does not fit in 63 bits"
                                               : "there is not enough memory");
    raw = std::move(converted);
  }
  if (!header.fortranOrder || header.shape.size() < 2)
    return std::move(*raw);
  std::optional<Tensor> rowMajor = allocate(raw->type(), header.shape, outBytes);
  if (!rowMajor)
    return llvm::createStringError("there is not enough memory for " + llvm::Twine(outBytes) + " bytes");
  reorder(raw->data<uint8_t>(), rowMajor->data<uint8_t>(), header.shape, byteSize(raw->type()));
  return std::move(*rowMajor);
}

NpzReader::NpzReader(std::unique_ptr<Impl> impl) : impl(std::move(impl)) {}
NpzReader::NpzReader(NpzReader &&) = default;
NpzReader &NpzReader::operator=(NpzReader &&) = default;
NpzReader::~NpzReader() = default;

llvm::Expected<NpzReader> NpzReader::open(llvm::StringRef path) {
  llvm::sys::fs::file_status status;
  if (std::error_code error = llvm::sys::fs::status(path, status))
    return fileError(path, "cannot be opened: " + error.message() + ".");
  if (status.type() != llvm::sys::fs::file_type::regular_file)
    return fileError(path, "is not a regular file.");
  auto impl = std::make_unique<Impl>();
  impl->path = path.str();
  impl->file.reset(unzOpen64(impl->path.c_str()));
  if (!impl->file)
    return fileError(path, llvm::sys::fs::access(path, llvm::sys::fs::AccessMode::Exist)
                               ? "cannot be opened."
                               : "is not a readable .npz file (no complete zip directory found).");
  if (llvm::Error error = impl->readDirectory())
    return error;
  return NpzReader(std::move(impl));
}

llvm::ArrayRef<std::string> NpzReader::names() const { return impl->names; }
bool NpzReader::contains(llvm::StringRef name) const { return impl->entries.contains(name); }
llvm::StringRef NpzReader::path() const { return impl->path; }

llvm::Expected<Tensor> NpzReader::read(llvm::StringRef name) {
  auto found = impl->entries.find(name);
  if (found == impl->entries.end())
    return fileError(impl->path, "there is no array named '" + name + "'.");
  const Entry &entry = found->second;
  // A size that no deflate stream of this length can reach is a lie, told to make us reserve memory.
  if (entry.bytes / maxDeflateRatio > entry.compressedBytes + 1)
    return impl->arrayError(name, "its size in the zip directory is impossible");
  unzFile file = impl->file.get();
  if (unzGoToFilePos64(file, &entry.position) != UNZ_OK || unzOpenCurrentFile(file) != UNZ_OK)
    return impl->arrayError(name, "its zip entry is damaged or uses an unsupported compression");
  uint64_t bytesLeft = entry.bytes;
  llvm::Expected<Header> header = impl->readHeader(bytesLeft);
  if (!header) {
    unzCloseCurrentFile(file);
    return impl->arrayError(name, llvm::toString(header.takeError()));
  }
  llvm::Expected<Tensor> tensor = impl->readData(*header, bytesLeft);
  unzCloseCurrentFile(file); // harmless where readData already closed it
  if (!tensor)
    return impl->arrayError(name, llvm::toString(tensor.takeError()));
  return tensor;
}

llvm::Expected<std::vector<NamedTensor>> tpu_mlir::readNpz(llvm::StringRef path) {
  llvm::Expected<NpzReader> reader = NpzReader::open(path);
  if (!reader)
    return reader.takeError();
  std::vector<NamedTensor> arrays;
  for (const std::string &name : reader->names()) {
    llvm::Expected<Tensor> tensor = reader->read(name);
    if (!tensor)
      return tensor.takeError();
    arrays.push_back({name, std::move(*tensor)});
  }
  return arrays;
}

struct NpzWriter::Impl {
  std::string path;
  Compression compression;
  std::optional<llvm::sys::fs::TempFile> temporary; // removed on a signal or without finish()
  zipFile file = nullptr;
  llvm::StringSet<> names;

  ~Impl() {
    if (file)
      zipClose(file, nullptr);
    if (temporary)
      llvm::consumeError(temporary->discard());
  }
};

NpzWriter::NpzWriter(std::unique_ptr<Impl> impl) : impl(std::move(impl)) {}
NpzWriter::NpzWriter(NpzWriter &&) = default;
NpzWriter &NpzWriter::operator=(NpzWriter &&) = default;
NpzWriter::~NpzWriter() = default;

llvm::Expected<NpzWriter> NpzWriter::create(llvm::StringRef path, Compression compression) {
  if (llvm::sys::fs::is_directory(path))
    return fileError(path, "cannot be written: it is a folder.");
  llvm::Expected<llvm::sys::fs::TempFile> temporary =
      llvm::sys::fs::TempFile::create(path + ".tmp-%%%%%%%%", llvm::sys::fs::all_read | llvm::sys::fs::all_write);
  if (!temporary)
    return fileError(path, "cannot be written: " + llvm::toString(temporary.takeError()) + ".");
  auto impl = std::make_unique<Impl>();
  impl->path = path.str();
  impl->compression = compression;
  impl->temporary.emplace(std::move(*temporary));
  impl->file = zipOpen64(impl->temporary->TmpName.c_str(), APPEND_STATUS_CREATE);
  if (!impl->file)
    return fileError(path, "cannot be written.");
  return NpzWriter(std::move(impl));
}

llvm::Error NpzWriter::add(llvm::StringRef name, const Tensor &tensor) {
  auto failed = [&](const llvm::Twine &why) {
    return fileError(impl->path, "array '" + name + "' cannot be written: " + why + ".");
  };
  if (tensor.empty())
    return failed("it has no value");
  if (name.size() + 4 > maxNameBytes || name.contains('\0'))
    return failed("its name is too long or holds a zero character");
  if (!impl->names.insert(name).second)
    return failed("an array of this name is already there");
  const std::string entryName = name.str() + ".npy", preamble = makePreamble(tensor);
  zip_fileinfo info{};
  info.dosDate = 1u << 21 | 1u << 16; // 1980-01-01, so that equal arrays give equal files
  const bool deflated = impl->compression == Compression::Deflated;
  if (zipOpenNewFileInZip4_64(impl->file, entryName.c_str(), &info, nullptr, 0, nullptr, 0, nullptr,
                              deflated ? Z_DEFLATED : 0, Z_DEFAULT_COMPRESSION, /*raw=*/0, -MAX_WBITS, DEF_MEM_LEVEL,
                              Z_DEFAULT_STRATEGY, /*password=*/nullptr, /*crcForCrypting=*/0, madeByVersion,
                              flagUtf8Name, tensor.bytes() + preamble.size() >= zip64Bytes) != ZIP_OK)
    return failed("the archive does not accept it (no space left?)");
  bool ok = zipWriteInFileInZip(impl->file, preamble.data(), preamble.size()) == ZIP_OK;
  const auto *data = tensor.data<uint8_t>();
  for (size_t left = tensor.bytes(); ok && left > 0;) {
    const auto count = static_cast<unsigned>(std::min<size_t>(left, chunkBytes));
    ok = zipWriteInFileInZip(impl->file, data, count) == ZIP_OK;
    data += count;
    left -= count;
  }
  if (zipCloseFileInZip(impl->file) != ZIP_OK || !ok)
    return failed("the disk is full or the file became unwritable");
  return llvm::Error::success();
}

llvm::Error NpzWriter::finish() {
  const int status = zipClose(impl->file, nullptr);
  impl->file = nullptr;
  if (status != ZIP_OK)
    return fileError(impl->path, "cannot be written: the disk is full or the file became unwritable.");
  llvm::Error error = impl->temporary->keep(impl->path);
  impl->temporary.reset();
  if (error)
    return fileError(impl->path, "cannot be written: " + llvm::toString(std::move(error)) + ".");
  return llvm::Error::success();
}

llvm::Error tpu_mlir::writeNpz(llvm::StringRef path, llvm::ArrayRef<NamedTensor> arrays,
                               NpzWriter::Compression compression) {
  llvm::Expected<NpzWriter> writer = NpzWriter::create(path, compression);
  if (!writer)
    return writer.takeError();
  for (const NamedTensor &array : arrays)
    if (llvm::Error error = writer->add(array.name, array.tensor))
      return error;
  return writer->finish();
}
