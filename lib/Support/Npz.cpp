// .npz archives: the arrays inside of a zip file (Zip.h) are checked, converted and written.
#include "tpu_mlir/Support/Npz.h"

#include "Npy.h"
#include "Zip.h"

#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/FileSystem.h"

#include <cstring>
#include <new>
#include <optional>

using namespace tpu_mlir;
using namespace tpu_mlir::npy;

namespace {

constexpr size_t maxNameBytes = 65535;        // zip's own limit
constexpr uint32_t maxNpyHeaderBytes = 65535; // far above what NumPy writes for 32 dimensions

llvm::Error fileError(llvm::StringRef path, const llvm::Twine &what) {
  return llvm::createStringError("'" + path + "': " + what);
}

std::optional<Tensor> allocate(ElementType type, std::vector<int64_t> shape, size_t bytes) {
  auto *memory = new (std::nothrow) uint8_t[bytes + 64];
  if (!memory)
    return std::nullopt;
  return Tensor(type, std::move(shape), std::shared_ptr<uint8_t>(memory, std::default_delete<uint8_t[]>()));
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

llvm::Expected<Header> readHeader(zip::Reader::Stream &stream, uint64_t &bytesLeft) {
  uint8_t fixed[12];
  if (!stream.read(fixed, 10) || std::memcmp(fixed, "\x93NUMPY", 6) != 0)
    return llvm::createStringError("it does not begin like a .npy array");
  uint32_t length = fixed[8] | fixed[9] << 8;
  bytesLeft -= 10;
  if (fixed[6] < 1 || fixed[6] > 3)
    return llvm::createStringError("its .npy version is unknown");
  if (fixed[6] > 1) {
    if (!stream.read(fixed + 10, 2))
      return llvm::createStringError("its header is truncated");
    length |= static_cast<uint32_t>(fixed[10]) << 16 | static_cast<uint32_t>(fixed[11]) << 24;
    bytesLeft -= 2;
  }
  std::string text(std::min(length, maxNpyHeaderBytes), '\0');
  if (length > maxNpyHeaderBytes || !stream.read(text.data(), length))
    return llvm::createStringError("its header is truncated");
  bytesLeft -= length;
  return parseHeader(text);
}

llvm::Expected<Tensor> readData(zip::Reader::Stream &stream, const Header &header, uint64_t bytesLeft) {
  const uint64_t bytes = header.elements * sourceBytes(header.source);
  if (bytes != bytesLeft)
    return llvm::createStringError("its shape needs " + llvm::Twine(bytes) + " bytes but the archive has " +
                                   llvm::Twine(bytesLeft));
  const bool convert = header.source == Source::F8 || header.source == Source::U8;
  std::vector<int64_t> rawShape = header.shape;
  if (convert)
    rawShape = {static_cast<int64_t>(bytes)};
  std::optional<Tensor> raw = allocate(convert ? ElementType::U8 : hostType(header.source), rawShape, bytes);
  if (!raw)
    return llvm::createStringError("there is not enough memory for " + llvm::Twine(bytes) + " bytes");
  if (!stream.read(raw->data<uint8_t>(), bytes))
    return llvm::createStringError("its data are truncated or damaged");
  if (!stream.finish())
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

} // namespace

struct NpzReader::Impl {
  explicit Impl(llvm::StringRef path, zip::Reader archive) : path(path), archive(std::move(archive)) {}

  std::string path;
  zip::Reader archive;
  std::vector<std::string> names;
  llvm::StringMap<const zip::Entry *> entries;
};

NpzReader::NpzReader(std::unique_ptr<Impl> impl) : impl(std::move(impl)) {}
NpzReader::NpzReader(NpzReader &&) = default;
NpzReader &NpzReader::operator=(NpzReader &&) = default;
NpzReader::~NpzReader() = default;

llvm::Expected<NpzReader> NpzReader::open(llvm::StringRef path) {
  llvm::Expected<zip::Reader> archive = zip::Reader::open(path);
  if (!archive)
    return llvm::createStringError("'" + path + "' " + llvm::toString(archive.takeError()) + ".");
  auto impl = std::make_unique<Impl>(path, std::move(*archive));
  for (const zip::Entry &entry : impl->archive.entries()) {
    llvm::StringRef name(entry.name);
    if (!name.consume_back(".npy"))
      continue;
    if (!impl->entries.try_emplace(name, &entry).second)
      return fileError(path, "it holds two arrays named '" + printable(name) + "'.");
    impl->names.push_back(name.str());
  }
  return NpzReader(std::move(impl));
}

llvm::ArrayRef<std::string> NpzReader::names() const { return impl->names; }
bool NpzReader::contains(llvm::StringRef name) const { return impl->entries.contains(name); }
llvm::StringRef NpzReader::path() const { return impl->path; }

llvm::Expected<Tensor> NpzReader::read(llvm::StringRef name) const {
  const zip::Entry *entry = impl->entries.lookup(name);
  if (!entry)
    return fileError(impl->path, "there is no array named '" + printable(name) + "'.");
  auto failed = [&](llvm::Error error) {
    return fileError(impl->path,
                     "array '" + printable(name) + "' cannot be read: " + llvm::toString(std::move(error)) + ".");
  };
  llvm::Expected<zip::Reader::Stream> stream = impl->archive.openEntry(*entry);
  if (!stream)
    return failed(stream.takeError());
  uint64_t bytesLeft = entry->bytes;
  llvm::Expected<Header> header = readHeader(*stream, bytesLeft);
  if (!header)
    return failed(header.takeError());
  llvm::Expected<Tensor> tensor = readData(*stream, *header, bytesLeft);
  if (!tensor)
    return failed(tensor.takeError());
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
  Impl(llvm::StringRef path, Compression compression, llvm::sys::fs::TempFile file)
      : path(path), compression(compression), temporary(std::move(file)), os(temporary->FD, /*shouldClose=*/false),
        archive(os) {}
  ~Impl() {
    os.flush(); // while the descriptor is open; an error has been reported or no longer matters
    os.clear_error();
    if (temporary)
      llvm::consumeError(temporary->discard());
  }

  std::string path;
  Compression compression;
  std::optional<llvm::sys::fs::TempFile> temporary; // removed on a signal or without finish()
  llvm::raw_fd_ostream os;
  zip::Writer archive;
  llvm::StringSet<> names;
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
  return NpzWriter(std::make_unique<Impl>(path, compression, std::move(*temporary)));
}

llvm::Error NpzWriter::add(llvm::StringRef name, const Tensor &tensor) {
  auto failed = [&](const llvm::Twine &why) {
    return fileError(impl->path, "array '" + printable(name) + "' cannot be written: " + why + ".");
  };
  if (tensor.empty())
    return failed("it has no value");
  if (name.size() + 4 > maxNameBytes)
    return failed("its name is too long");
  if (!impl->names.insert(name).second)
    return failed("an array of this name is already there");
  const std::string preamble = makePreamble(tensor);
  const llvm::StringRef parts[] = {preamble, {tensor.data<char>(), tensor.bytes()}};
  if (!impl->archive.add(name.str() + ".npy", parts, impl->compression == Compression::Deflated))
    return failed("there is not enough memory to compress it");
  if (impl->os.has_error())
    return failed(impl->os.error().message());
  return llvm::Error::success();
}

llvm::Error NpzWriter::finish() {
  impl->archive.finish();
  impl->os.flush();
  if (impl->os.has_error())
    return fileError(impl->path, "cannot be written: " + impl->os.error().message() + ".");
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
