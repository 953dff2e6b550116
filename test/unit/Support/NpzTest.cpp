// .npz archives: what is written is read back, what NumPy wrote is understood, and damaged or hostile files give one
// sentence instead of a crash.
#include "tpu_mlir/Support/Npz.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"
#include "gtest/gtest.h"

#include <cstring>
#include <random>

using namespace tpu_mlir;

namespace {

class NpzTest : public testing::Test {
protected:
  void SetUp() override { ASSERT_FALSE(llvm::sys::fs::createUniqueDirectory("npz-test", folder)); }
  void TearDown() override { llvm::sys::fs::remove_directories(folder); }

  std::string at(llvm::StringRef name) const {
    llvm::SmallString<128> path(folder);
    llvm::sys::path::append(path, name);
    return path.str().str();
  }
  static std::string bytesOf(const std::string &path) {
    auto buffer = llvm::MemoryBuffer::getFile(path, false, false);
    return buffer ? (*buffer)->getBuffer().str() : std::string();
  }
  static void writeBytes(const std::string &path, llvm::StringRef bytes) {
    std::error_code error;
    llvm::raw_fd_ostream os(path, error);
    os << bytes;
  }
  size_t filesInFolder() const {
    std::error_code error;
    size_t count = 0;
    for (llvm::sys::fs::directory_iterator it(folder, error), end; it != end; it.increment(error))
      ++count;
    return count;
  }

  llvm::SmallString<128> folder;
};

template <typename T> Tensor tensorOf(ElementType type, std::vector<int64_t> shape, std::vector<T> values) {
  Tensor tensor(type, std::move(shape));
  std::memcpy(tensor.data<uint8_t>(), values.data(), values.size() * sizeof(T));
  return tensor;
}

std::string messageOf(llvm::Error error) { return llvm::toString(std::move(error)); }

// One stored entry "a.npy" with the given .npy bytes, directory included; sizes can be made to lie.
std::string zipWith(const std::string &npy, uint32_t declared) {
  auto le = [](uint64_t value, int bytes) {
    std::string out;
    for (int i = 0; i < bytes; ++i)
      out += static_cast<char>(value >> (8 * i));
    return out;
  };
  const std::string name = "a.npy";
  const std::string sizes = le(0, 4) + le(npy.size(), 4) + le(declared, 4) + le(name.size(), 2) + le(0, 2);
  const std::string local = "PK\x03\x04" + le(20, 2) + le(0, 2) + le(0, 2) + le(0, 4) + sizes + name + npy;
  const std::string central = "PK\x01\x02" + le(20, 2) + le(20, 2) + le(0, 2) + le(0, 2) + le(0, 4) + sizes + le(0, 2) +
                              le(0, 2) + le(0, 2) + le(0, 4) + le(0, 4) + name;
  return local + central + "PK\x05\x06" + le(0, 2) + le(0, 2) + le(1, 2) + le(1, 2) + le(central.size(), 4) +
         le(local.size(), 4) + le(0, 2);
}

// The same archive with a 64-bit directory whose locator points to the wrong place, as the writer behind upstream's
// tools leaves it.
std::string withMisplacedDirectory64(const std::string &zip) {
  constexpr size_t endBytes = 22;
  auto le64 = [](uint64_t value) { return std::string(reinterpret_cast<const char *>(&value), 8); };
  const std::string body = zip.substr(0, zip.size() - endBytes), end = zip.substr(body.size());
  uint32_t bytes = 0, offset = 0;
  std::memcpy(&bytes, &end[12], 4);
  std::memcpy(&offset, &end[16], 4);
  const std::string end64 =
      "PK\x06\x06" + le64(44) + std::string(12, '\0') + le64(1) + le64(1) + le64(bytes) + le64(offset);
  const std::string locator = "PK\x06\x07" + std::string(4, '\0') + le64(offset + 1) + std::string("\x01\0\0\0", 4);
  return body + end64 + locator + end.substr(0, 16) + "\xff\xff\xff\xff" + end.substr(20);
}

std::string npyWith(const std::string &dictionary, const std::string &data) {
  std::string out("\x93NUMPY\x01\x00", 8);
  out += static_cast<char>(dictionary.size() & 0xff);
  out += static_cast<char>(dictionary.size() >> 8);
  return out + dictionary + data;
}

} // namespace

TEST_F(NpzTest, WhatIsWrittenIsReadBack) {
  for (auto compression : {NpzWriter::Compression::Stored, NpzWriter::Compression::Deflated}) {
    std::vector<NamedTensor> arrays = {
        {"conv/1.weight", tensorOf<float>(ElementType::F32, {2, 1, 3}, {1, -2, 3.5, 0, 1e-30f, 7})},
        {"halves", tensorOf<uint16_t>(ElementType::BF16, {2}, {0x3f80, 0xc000})},
        {"bytes", tensorOf<int8_t>(ElementType::I8, {3, 1}, {-128, 0, 127})},
        {"indices", tensorOf<int64_t>(ElementType::I64, {2}, {INT64_MIN, INT64_MAX})},
        {"scalar", tensorOf<int32_t>(ElementType::I32, {}, {-5})},
        {"nothing", Tensor(ElementType::F32, {0, 4})},
        {"gewöhnlich", tensorOf<uint8_t>(ElementType::U8, {1}, {200})}};
    const std::string path = at("a.npz");
    ASSERT_EQ(messageOf(writeNpz(path, arrays, compression)), "");
    auto back = readNpz(path);
    ASSERT_TRUE(static_cast<bool>(back)) << messageOf(back.takeError());
    ASSERT_EQ(back->size(), arrays.size());
    for (size_t i = 0; i < arrays.size(); ++i) {
      const Tensor &was = arrays[i].tensor, &is = (*back)[i].tensor;
      EXPECT_EQ((*back)[i].name, arrays[i].name);
      EXPECT_EQ(is.type(), was.type() == ElementType::BF16 ? ElementType::U16 : was.type());
      EXPECT_EQ(is.shape(), was.shape());
      EXPECT_EQ(std::memcmp(is.data<uint8_t>(), was.data<uint8_t>(), was.bytes()), 0);
    }
  }
  EXPECT_EQ(filesInFolder(), 1u) << "temporary files are left behind";
}

TEST_F(NpzTest, EqualArraysGiveEqualBytes) {
  std::vector<NamedTensor> arrays = {{"x", tensorOf<float>(ElementType::F32, {2}, {1, 2})}};
  ASSERT_EQ(messageOf(writeNpz(at("a.npz"), arrays)), "");
  ASSERT_EQ(messageOf(writeNpz(at("b.npz"), arrays)), "");
  EXPECT_EQ(bytesOf(at("a.npz")), bytesOf(at("b.npz")));
}

TEST_F(NpzTest, ForeignTypesAndOrdersAreConverted) {
  const double doubles[] = {1.5, -2.25};
  struct Case {
    std::string dictionary, data;
    ElementType type;
    std::vector<int64_t> shape;
    std::string expected;
  };
  const float floats[] = {1.5f, -2.25f};
  auto raw = [](const auto &array) { return std::string(reinterpret_cast<const char *>(&array), sizeof(array)); };
  const std::vector<Case> cases = {
      {"{'descr': '<f8', 'fortran_order': False, 'shape': (2,), }", raw(doubles), ElementType::F32, {2}, raw(floats)},
      {"{'descr': '|b1', 'fortran_order': False, 'shape': (2,)}",
       std::string("\1\0", 2),
       ElementType::U8,
       {2},
       std::string("\1\0", 2)},
      {"{'shape': (2, 3), 'descr': '|u1', 'fortran_order': True}", "adbecf", ElementType::U8, {2, 3}, "abcdef"},
      {"{\"descr\": '<u8', 'fortran_order': False, 'shape': ()}",
       std::string("\5\0\0\0\0\0\0\0", 8),
       ElementType::I64,
       {},
       std::string("\5\0\0\0\0\0\0\0", 8)}};
  for (const Case &c : cases) {
    // zipWith leaves the checksum (CRC-32, in both headers) at zero.
    const std::string npy = npyWith(c.dictionary, c.data);
    std::string archive = zipWith(npy, npy.size());
    uint32_t crc = ~0u;
    for (unsigned char byte : npy) {
      crc ^= byte;
      for (int bit = 0; bit < 8; ++bit)
        crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
    }
    crc = ~crc;
    std::memcpy(archive.data() + 14, &crc, 4);
    const size_t central = archive.find("PK\x01\x02");
    std::memcpy(archive.data() + central + 16, &crc, 4);
    writeBytes(at("c.npz"), archive);
    auto reader = NpzReader::open(at("c.npz"));
    ASSERT_TRUE(static_cast<bool>(reader)) << messageOf(reader.takeError());
    auto tensor = reader->read("a");
    ASSERT_TRUE(static_cast<bool>(tensor)) << messageOf(tensor.takeError());
    EXPECT_EQ(tensor->type(), c.type);
    EXPECT_EQ(tensor->shape(), c.shape);
    EXPECT_EQ(std::string(tensor->data<char>(), tensor->bytes()), c.expected);
  }
}

TEST_F(NpzTest, HostileHeadersAreRefused) {
  const std::pair<std::string, std::string> cases[] = {
      {"{'descr': '>f4', 'fortran_order': False, 'shape': (1,)}", "element type '>f4'"},
      {"{'descr': '|O', 'fortran_order': False, 'shape': (1,)}", "element type '|O'"},
      {"{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,)}", "structured"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (1099511627776, 1099511627776, 4)}", "impossibly large"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (1000000000,)}", "needs 4000000000 bytes"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)}", "malformed shape"},
      {"{'descr': '<f4', 'fortran_order': False}", "incomplete"},
      {"{'descr': '<f4', 'fortran_order': Fal", "malformed"},
      {"", "not a dictionary"}};
  for (const auto &[dictionary, expected] : cases) {
    const std::string npy = npyWith(dictionary, "1234");
    writeBytes(at("h.npz"), zipWith(npy, npy.size()));
    auto result = readNpz(at("h.npz"));
    ASSERT_FALSE(static_cast<bool>(result)) << dictionary;
    const std::string message = messageOf(result.takeError());
    EXPECT_NE(message.find(expected), std::string::npos) << message;
    EXPECT_NE(message.find("array 'a'"), std::string::npos) << message;
    EXPECT_EQ(message.find('\n'), std::string::npos);
  }
}

TEST_F(NpzTest, AWrongChecksumIsAnError) {
  const std::string npy = npyWith("{'descr': '|u1', 'fortran_order': False, 'shape': (4,)}", "abcd");
  writeBytes(at("c.npz"), zipWith(npy, npy.size())); // its checksum is zero
  auto result = readNpz(at("c.npz"));
  ASSERT_FALSE(static_cast<bool>(result));
  EXPECT_NE(messageOf(result.takeError()).find("checksum"), std::string::npos);
}

TEST_F(NpzTest, AMisplaced64BitDirectoryIsFoundBeforeItsLocator) {
  Tensor tensor = tensorOf<float>(ElementType::F32, {2}, {1, 2});
  ASSERT_EQ(messageOf(writeNpz(at("g.npz"), {{"a", tensor}})), "");
  const std::string bytes = withMisplacedDirectory64(bytesOf(at("g.npz")));
  writeBytes(at("m.npz"), bytes);
  auto result = readNpz(at("m.npz"));
  ASSERT_TRUE(static_cast<bool>(result)) << messageOf(result.takeError());
  ASSERT_EQ(result->size(), 1u);
  // Nor does a file end before the record that is looked for.
  for (size_t length = 0; length < 120; ++length) {
    writeBytes(at("m.npz"), bytes.substr(bytes.size() - length));
    auto cut = readNpz(at("m.npz"));
    EXPECT_FALSE(static_cast<bool>(cut)) << length;
    llvm::consumeError(cut.takeError());
  }
}

TEST_F(NpzTest, AnImpossibleSizeReservesNoMemory) {
  const std::string npy = npyWith("{'descr': '|u1', 'fortran_order': False, 'shape': (4294967000,)}", "abcd");
  writeBytes(at("bomb.npz"), zipWith(npy, 0xfffffff0u));
  auto result = readNpz(at("bomb.npz"));
  ASSERT_FALSE(static_cast<bool>(result));
  EXPECT_NE(messageOf(result.takeError()).find("impossible"), std::string::npos);
}

TEST_F(NpzTest, TruncatedAndDamagedFilesNeverCrash) {
  std::vector<NamedTensor> arrays;
  std::mt19937 random(1);
  for (int i = 0; i < 4; ++i) {
    std::vector<float> values(100);
    for (float &value : values)
      value = static_cast<float>(random() % 16);
    arrays.push_back({"array" + std::to_string(i), tensorOf(ElementType::F32, {10, 10}, values)});
  }
  for (auto compression : {NpzWriter::Compression::Stored, NpzWriter::Compression::Deflated}) {
    ASSERT_EQ(messageOf(writeNpz(at("good.npz"), arrays, compression)), "");
    const std::string good = bytesOf(at("good.npz"));
    for (size_t length = 0; length < good.size(); length += 7) {
      writeBytes(at("bad.npz"), good.substr(0, length));
      auto result = readNpz(at("bad.npz"));
      EXPECT_FALSE(static_cast<bool>(result)) << "cut to " << length << " bytes";
      if (!result) {
        EXPECT_NE(messageOf(result.takeError()).find("bad.npz"), std::string::npos);
      }
    }
    for (int trial = 0; trial < 2000; ++trial) {
      std::string bad = good;
      for (int change = 0; change < 3; ++change)
        bad[random() % bad.size()] = static_cast<char>(random());
      writeBytes(at("bad.npz"), bad);
      auto result = readNpz(at("bad.npz"));
      if (!result) {
        EXPECT_EQ(messageOf(result.takeError()).find('\n'), std::string::npos);
      }
    }
  }
}

TEST_F(NpzTest, ErrorsNameTheFile) {
  auto missing = readNpz(at("missing.npz"));
  ASSERT_FALSE(static_cast<bool>(missing));
  EXPECT_NE(messageOf(missing.takeError()).find("missing.npz"), std::string::npos);
  auto folderItself = readNpz(at(""));
  ASSERT_FALSE(static_cast<bool>(folderItself));
  EXPECT_NE(messageOf(folderItself.takeError()).find("not a regular file"), std::string::npos);
  Tensor one = tensorOf<float>(ElementType::F32, {1}, {1});
  EXPECT_NE(messageOf(writeNpz(at("no/such/folder/x.npz"), {{"x", one}})).find("cannot be written"), std::string::npos);
  EXPECT_NE(messageOf(writeNpz(at("twice.npz"), {{"x", one}, {"x", one}})).find("already there"), std::string::npos);
  EXPECT_EQ(filesInFolder(), 0u) << "a failed write leaves something behind";
}
